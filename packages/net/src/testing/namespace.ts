import { execFileSync } from 'node:child_process';

/** A machine of its own, as far as the network goes: at first without any interface that is up. Linux, as root. */
export class Namespace implements Disposable {
  readonly #name: string;

  constructor(name: string) {
    this.#name = `lattice-${process.pid}-${name}`;
    execFileSync('ip', ['netns', 'add', this.#name], { stdio: 'ignore' });
  }

  /** What runs a command on this machine, put before it. */
  get wrapper(): readonly [string, ...string[]] {
    return ['ip', 'netns', 'exec', this.#name];
  }

  run(...command: readonly string[]): void {
    const [file, ...args] = this.wrapper;
    execFileSync(file, [...args, ...command]);
  }

  /** Lays a cable between an interface of this machine and one of another, both new and up. */
  connect(own: string, other: Namespace, others: string): void {
    this.run('ip', 'link', 'add', own, 'type', 'veth', 'peer', 'name', others, 'netns', other.#name);
    this.run('ip', 'link', 'set', own, 'up');
    other.run('ip', 'link', 'set', others, 'up');
  }

  /** Gives an interface these addresses, as in `10.7.0.1/24`, and takes all others that reach beyond the link. */
  setAddresses(name: string, ...addresses: readonly string[]): void {
    this.run('ip', 'address', 'flush', 'dev', name, 'scope', 'global');
    for (const address of addresses) {
      const atOnce = address.includes(':') ? ['nodad'] : [];
      this.run('ip', 'address', 'add', address, 'dev', name, ...atOnce);
    }
  }

  [Symbol.dispose](): void {
    execFileSync('ip', ['netns', 'delete', this.#name]);
  }
}

/** Whether this user can, on this machine. */
export function canMakeNamespaces(): boolean {
  try {
    using probe = new Namespace('probe');
    probe.run('true');
    return true;
  } catch {
    return false;
  }
}
