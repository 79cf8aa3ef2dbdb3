import type { NodeId, StoreId } from '@lattice/model';
import type { Connection } from '@lattice/net-types';
import { MalformedError, wire } from '@lattice/proto';
import type { Body } from './control-channel.js';
import { joinReply } from './join-reply.js';
import type { LinkHost } from './link-host.js';
import { meshTag } from './mesh-tag.js';
import type { Standing } from './standing.js';

/** How often a peer may ask to be admitted while a connection lasts. */
const joinsMax = 16;

export interface JoinRequest {
  readonly invite: Uint8Array;
  readonly proof: Uint8Array;
  readonly name: string;
}

export interface JoinExchangeOptions {
  readonly connection: Connection;
  readonly host: LinkHost;
  readonly standing: Standing;
  /** Resolves when the peer has said hello. */
  readonly greeting: Promise<void>;
  readonly send: (body: Body) => void;
  /** Shows the peer anew which meshes are shared with it. */
  readonly announce: () => void;
}

/** Either side asks the other to be admitted to a mesh. */
export class JoinExchange {
  readonly #options: JoinExchangeOptions;
  readonly #peer: NodeId;
  #joins = 0;
  #answer: ((reply: wire.JoinReply) => void) | undefined;

  constructor(options: JoinExchangeOptions) {
    this.#options = options;
    this.#peer = options.connection.remote;
  }

  /** Whether the peer has asked on this connection. */
  get wereAsked(): boolean {
    return this.#joins > 0;
  }

  /** Asks the peer to admit this node. Rejects when the connection ends before the answer. */
  async ask(mesh: StoreId, request: JoinRequest): Promise<wire.JoinReply> {
    const { connection, host, standing, greeting, send, announce } = this.#options;
    standing.ask(mesh);
    const ended = connection.closed.then(({ reason }) =>
      Promise.reject(new Error(`the connection ended: ${reason}`)),
    );
    await Promise.race([greeting, ended]);
    announce();
    const reply = new Promise<wire.JoinReply>((resolve) => (this.#answer = resolve));
    send({ case: 'join', value: { meshTag: meshTag(mesh, host.self, this.#peer), ...request } });
    return Promise.race([reply, ended]);
  }

  stopAsking(mesh: StoreId): void {
    this.#options.standing.stopAsking(mesh);
    this.#answer = undefined;
    this.#options.announce();
  }

  hearReply(reply: wire.JoinReply): void {
    this.#answer?.(reply);
  }

  /** Throws `MalformedError` when the peer asks too often. */
  async hear(request: wire.Join): Promise<void> {
    const { standing, send, announce } = this.#options;
    if (++this.#joins > joinsMax) throw new MalformedError(`more than ${joinsMax} attempts to join`);
    const mesh = standing.meant(request.meshTag);
    const outcome = mesh ? await mesh.join(this.#peer, request) : wire.JoinRefusal.UNKNOWN;
    announce();
    send({ case: 'joinReply', value: joinReply(outcome) });
  }
}
