import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Namespace } from './namespace.js';

const table = 'lattice';

/** A machine that others are connected to, and that forwards between them; it can lose, delay and translate what it forwards. */
export class Router extends Namespace {
  #interfaces = 0;
  readonly #forwarders: ChildProcess[] = [];

  constructor(name: string) {
    super(name);
    this.run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
    this.#nft(`add table ip ${table}`);
    this.#nft(`add chain ip ${table} forward { type filter hook forward priority 0; }`);
    this.#nft(`add chain ip ${table} to { type nat hook prerouting priority -100; }`);
    this.#nft(`add chain ip ${table} from { type nat hook postrouting priority 100; }`);
  }

  /** Connects a host to a network of its own, 10.`network`.0.0/24, with the router as its way to all others. Returns its address. */
  attach(host: Namespace, network: number): string {
    const own = `r${this.#interfaces++}`;
    this.connect(own, host, 'e0');
    this.setAddresses(own, `10.${network}.0.1/24`);
    this.place(host, network);
    return `10.${network}.0.2`;
  }

  /** Lays a network 10.`network`.0.0/24 for several hosts, as behind a switch. */
  lay(network: number): void {
    const bridge = `b${network}`;
    this.run('ip', 'link', 'add', bridge, 'type', 'bridge', 'mcast_snooping', '0');
    this.run('ip', 'link', 'set', bridge, 'up');
    this.setAddresses(bridge, `10.${network}.0.1/24`);
  }

  /** Connects a host to such a network, as 10.`network`.0.`number`, with the router as its way to all others. */
  plug(host: Namespace, network: number, number: number): void {
    const own = `r${this.#interfaces++}`;
    this.connect(own, host, 'e0');
    this.run('ip', 'link', 'set', own, 'master', `b${network}`);
    host.setAddresses('e0', `10.${network}.0.${number}/24`);
    host.run('ip', 'route', 'replace', 'default', 'via', `10.${network}.0.1`);
  }

  /** Gives an attached host the address of that network; the router's end has to be there. */
  place(host: Namespace, network: number): void {
    host.setAddresses('e0', `10.${network}.0.2/24`);
    host.run('ip', 'route', 'replace', 'default', 'via', `10.${network}.0.1`);
  }

  /** From now on loses so many of a hundred packets that it forwards. */
  lose(percent: number): void {
    this.#nft(`add rule ip ${table} forward numgen random mod 100 < ${percent} drop`);
  }

  /** From now on forwards nothing between these networks. */
  part(a: number, b: number): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const)
      this.#nft(`add rule ip ${table} forward ip saddr 10.${from}.0.0/24 ip daddr 10.${to}.0.0/24 drop`);
  }

  /** Forwards everything again. */
  heal(): void {
    this.#nft(`flush chain ip ${table} forward`);
  }

  /** Hides that network behind the router's address on the other: who is there can call, and cannot be called. */
  hide(inside: number, outside: number): void {
    this.#nft(
      `add rule ip ${table} from ip saddr 10.${inside}.0.0/24 ip daddr 10.${outside}.0.0/24 masquerade`,
    );
    this.#nft(
      `add rule ip ${table} forward ip saddr 10.${outside}.0.0/24 ip daddr 10.${inside}.0.0/24 ct state new drop`,
    );
  }

  /**
   * From now on holds each packet for so long that one host sends to the other's `port` from that of its own. (This kernel may
   * have no queueing that does; so a process on the router takes them and sends them on.)
   */
  async delay(a: number, b: number, port: number, ms: number): Promise<void> {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const at = 7_000 + to;
      const target = `10.${to}.0.2`;
      const script = fileURLToPath(new URL('./delay.js', import.meta.url));
      const [file, ...args] = [
        ...this.wrapper,
        process.execPath,
        script,
        `${at}`,
        target,
        `${port}`,
        `${ms}`,
      ];
      const forwarder = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      this.#forwarders.push(forwarder);
      await once(forwarder, 'message');
      this.#nft(
        `add rule ip ${table} to ip saddr 10.${from}.0.2 ip daddr ${target} udp dport ${port} redirect to :${at}`,
      );
    }
  }

  override [Symbol.dispose](): void {
    for (const forwarder of this.#forwarders) forwarder.kill('SIGKILL');
    super[Symbol.dispose]();
  }

  #nft(rule: string): void {
    this.run('nft', rule);
  }
}
