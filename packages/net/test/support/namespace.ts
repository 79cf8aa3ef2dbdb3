import { execFileSync } from 'node:child_process';

/** A machine of its own, as far as the network goes: at first without any interface that is up. Linux, as root. */
export class Namespace implements Disposable {
  readonly #name: string;

  constructor(name: string) {
    this.#name = `lattice-${process.pid}-${name}`;
    execFileSync('ip', ['netns', 'add', this.#name], { stdio: 'ignore' });
  }

  get wrapper(): readonly string[] {
    return ['ip', 'netns', 'exec', this.#name];
  }

  run(...command: readonly string[]): void {
    execFileSync('ip', ['netns', 'exec', this.#name, ...command]);
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
