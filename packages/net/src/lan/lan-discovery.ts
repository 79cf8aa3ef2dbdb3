import { type Cancel, equalBytes, type Logger, type Random, type Timers, toHex } from '@lattice/model';
import type { Discovery, DiscoveryHost } from '@lattice/net-types';
import { type BoundSocket, parseSocket, portsOf } from '../iroh/own-addresses.js';
import type { Ports } from '../iroh/socket-plan.js';
import { type LanInterface, lanInterfaces } from './lan-interfaces.js';
import { LanSocket } from './lan-socket.js';
import { News } from './news.js';
import { announcementTag, Recognition } from './recognition.js';
import { type Announcement, goodbyeOf, recordsOf } from './service-records.js';

/** Asked soon, then ever less often (RFC 6762, section 5.2, allows up to an hour): somebody may not have been heard. */
const firstAskMs = 1_000;
const lastAskMs = 60_000;
/** Answers are sent after 20 to 120 ms, so that not all nodes answer at once, and once a second at most (section 6). */
const answerAfterMs = { least: 20, most: 120 };
const answersApartMs = 1_000;
/** How soon an interface is tried again on which there was an error. */
const retryMs = 30_000;
/** Of one peer's addresses. */
const directMax = 16;

export interface LanDiscoveryOptions {
  readonly host: DiscoveryHost;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  /** Those of the machine by which one of these IP addresses is reached. */
  readonly interfaces?: (hosts: ReadonlySet<string>) => readonly LanInterface[];
}

interface Open {
  readonly socket: LanSocket;
  /** What is to be told soon. */
  answering: Cancel | undefined;
  answeredAtMs: number;
}

/**
 * Finds members on the same links by multicast DNS and DNS service discovery (RFC 6762 and 6763). An announcement says where a
 * node is, under a name drawn at random; who knows the node's id recognises it by a keyed hash, and others learn neither that
 * id nor any mesh's.
 */
export class LanDiscovery implements Discovery {
  readonly #options: LanDiscoveryOptions;
  readonly #recognition: Recognition;
  readonly #instance: string;
  readonly #tag: string;
  readonly #sockets = new Map<string, Open>();
  readonly #failedAtMs = new Map<string, number>();
  readonly #news: News;
  #asking: Cancel | undefined;
  #askAfterMs = firstAskMs;
  #isClosed = false;

  constructor(options: LanDiscoveryOptions) {
    const { host, timers, random } = options;
    this.#options = options;
    this.#recognition = new Recognition(timers);
    this.#news = new News(timers, host.found);
    this.#instance = toHex(random.bytes(16));
    this.#tag = announcementTag(this.#instance, host.self);
    this.review();
  }

  review(): void {
    if (this.#isClosed) return;
    this.#recognition.forgetStrangers();
    this.#news.forget();
    this.#openAndClose();
    for (const open of this.#sockets.values()) this.#answerSoon(open);
    this.#askAfterMs = firstAskMs;
    this.#ask();
  }

  /** Idempotent. Says goodbye. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#asking?.();
    this.#news.forget();
    const closing = [...this.#sockets.values()].map(async ({ socket, answering }) => {
      answering?.();
      await socket.tell(goodbyeOf({ instance: this.#instance }));
      socket.close();
    });
    this.#sockets.clear();
    await Promise.all(closing);
  }

  #openAndClose(): void {
    const { interfaces = lanInterfaces } = this.#options;
    const hosts = new Set(this.#ownSockets().map(({ host }) => host));
    const wanted = new Map(interfaces(hosts).map((one) => [one.id, one]));
    for (const [id, { socket, answering }] of this.#sockets) {
      if (wanted.has(id)) continue;
      answering?.();
      socket.close();
      this.#sockets.delete(id);
    }
    const now = this.#options.timers.monotonicMs();
    for (const id of this.#failedAtMs.keys()) if (!wanted.has(id)) this.#failedAtMs.delete(id);
    for (const [id, one] of wanted) {
      if (this.#sockets.has(id) || now - (this.#failedAtMs.get(id) ?? -retryMs) < retryMs) continue;
      this.#sockets.set(id, this.#open(one));
    }
  }

  #open(one: LanInterface): Open {
    const { logger, timers } = this.#options;
    const open: Open = {
      socket: new LanSocket(one, {
        onQuestion: () => this.#answerSoon(open),
        onAnnouncement: (announcement, from) => this.#hear(announcement, from),
        onFailure: (error) => {
          if (!this.#failedAtMs.has(one.id))
            logger.log('info', 'finding peers on a network is not possible', {
              interface: one.id,
              reason: error.message,
            });
          this.#failedAtMs.set(one.id, timers.monotonicMs());
          open.answering?.();
          this.#sockets.delete(one.id);
        },
      }),
      answering: undefined,
      answeredAtMs: Number.NEGATIVE_INFINITY,
    };
    return open;
  }

  #ask(): void {
    this.#asking?.();
    this.#openAndClose();
    for (const { socket } of this.#sockets.values()) socket.ask();
    this.#asking = this.#options.timers.after(this.#askAfterMs, () => this.#ask());
    this.#askAfterMs = Math.min(2 * this.#askAfterMs, lastAskMs);
  }

  #answerSoon(open: Open): void {
    if (open.answering || this.#isClosed) return;
    const { timers, random } = this.#options;
    const { least, most } = answerAfterMs;
    const [chance = 0] = random.bytes(1);
    const pause = open.answeredAtMs + answersApartMs - timers.monotonicMs();
    open.answering = timers.after(Math.max(pause, least + ((most - least) * chance) / 256), () => {
      open.answering = undefined;
      open.answeredAtMs = timers.monotonicMs();
      const sockets = this.#ownSockets();
      if (sockets.length === 0) return;
      // The machine's own addresses come first: a port behind a NAT is another.
      const ports = portsOf([...sockets].reverse());
      const hosts = sockets.map(({ host }) => host);
      void open.socket.tell(recordsOf({ instance: this.#instance, tag: this.#tag, ports, hosts }));
    });
  }

  #ownSockets(): readonly BoundSocket[] {
    return this.#options.host.address().direct.flatMap((text) => parseSocket(text) ?? []);
  }

  #hear(announcement: Announcement, from: string): void {
    if (this.#isClosed || announcement.instance === this.#instance) return;
    const { host } = this.#options;
    const peer = this.#recognition.recognise(announcement, host.peers);
    if (peer === undefined || equalBytes(peer, host.self)) return;
    const direct = directOf(announcement, from);
    if (direct.length > 0) this.#news.hear({ nodeId: peer, direct });
  }
}

/** Where the packet came from stands first: that much is sure, what is said of it or not. */
function directOf({ ports, hosts }: Announcement, from: string): readonly string[] {
  const all = [...new Set([from, ...hosts])];
  return all.flatMap((host) => socketAt(host, ports) ?? []).slice(0, directMax);
}

/** Link-local addresses are left out, as they mean something only together with an interface's name. */
function socketAt(host: string, { v4, v6 }: Ports): string | undefined {
  if (!host.includes(':')) return v4 === undefined ? undefined : `${host}:${v4}`;
  return v6 === undefined || /^fe[89ab]/i.test(host) ? undefined : `[${host}]:${v6}`;
}
