import { assert, type NodeId } from '@lattice/model';
import type { MemoryDisk } from '@lattice/storage';
import { Machine, type MachineOptions, type MachinePorts } from '../mesh/machine.js';

/** A machine whose node others open and close, as processes do with a data directory: any number of times, one at a time. */
export class NodeMachine<Node extends AsyncDisposable> {
  readonly name: string;
  /** How often its node went on the network, or tried to. */
  networkStarts = 0;
  /** Why its node cannot go on the network. */
  networkFailure: Error | undefined;
  /** Called with every node that is opened, before anybody has it: to meddle with it. */
  onOpen: (node: Node) => void = () => undefined;
  readonly #machine: Machine<Node>;
  readonly #openNode: (ports: MachinePorts) => Promise<Node>;

  constructor(options: MachineOptions, openNode: (ports: MachinePorts) => Promise<Node>) {
    this.#machine = new Machine<Node>(options);
    this.name = options.name;
    this.#openNode = openNode;
  }

  /** Of the key that its disk holds now. */
  get nodeId(): NodeId {
    return this.#machine.nodeId;
  }

  get disk(): MemoryDisk {
    return this.#machine.disk;
  }

  /** Whether its node is open, and not yet closed to the end. */
  get isOpen(): boolean {
    return this.disk.owner !== undefined;
  }

  /** The node that was opened last. Fails where none was, or where it is closed. */
  get node(): Node {
    assert(this.isOpen, `the node of ${this.name} is open`);
    return this.#machine.node;
  }

  /** Called whenever its node dials somebody. */
  set onDial(listener: () => void) {
    this.#machine.onDial = listener;
  }

  /** The node of its disk; whoever opens it closes it. */
  async open(): Promise<Node> {
    assert(!this.isOpen, `the node of ${this.name} is open once at a time`);
    await this.close();
    const node = await this.#machine.start((ports) => this.#open(ports));
    this.onOpen(node);
    return node;
  }

  /** Closes the node where nobody has. Fails where it left a timer or a connection behind. */
  async close(): Promise<void> {
    if (this.#machine.isRunning) await this.#machine.stop();
  }

  #open(ports: MachinePorts): Promise<Node> {
    const openTransport: MachinePorts['openTransport'] = (seed) => {
      this.networkStarts++;
      return this.networkFailure ? Promise.reject(this.networkFailure) : ports.openTransport(seed);
    };
    return this.#openNode({ ...ports, openTransport });
  }
}
