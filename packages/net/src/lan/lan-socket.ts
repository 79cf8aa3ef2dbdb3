import makeMulticastDns, { type MulticastDNS } from 'multicast-dns';
import type { LanInterface } from './lan-interfaces.js';
import {
  type Announcement,
  announcementsIn,
  asksForNodes,
  type ServiceRecord,
  serviceType,
} from './service-records.js';

export interface LanSocketOptions {
  readonly onQuestion: () => void;
  /** Somebody on this link says that; the packet came from that address. */
  readonly onAnnouncement: (announcement: Announcement, from: string) => void;
  /** The socket is of no more use, and closed. */
  readonly onFailure: (error: Error) => void;
}

/** Multicast DNS (RFC 6762) over one interface. */
export class LanSocket {
  readonly #mdns: MulticastDNS;
  #isClosed = false;

  constructor({ type, group, local, isOnLink }: LanInterface, options: LanSocketOptions) {
    this.#mdns = makeMulticastDns({
      type,
      ip: group,
      interface: local,
      // Bound to an address of its own, a socket hears no multicast on Linux.
      bind: type === 'udp4' ? '0.0.0.0' : '::',
      // A node beside this one, in the same machine, hears it too.
      loopback: true,
    });
    const fail = (error: Error) => {
      if (this.#isClosed) return;
      this.close();
      options.onFailure(error);
    };
    this.#mdns.on('error', fail);
    // Also tells of packets that nobody can read, which are no reason for anything.
    this.#mdns.on('warning', (error: Error) => {
      if ('syscall' in error) fail(error);
    });
    this.#mdns.on('query', ({ questions = [] }, { address }) => {
      if (isOnLink(address) && questions.some(asksForNodes)) options.onQuestion();
    });
    this.#mdns.on('response', ({ answers = [], additionals = [] }, { address }) => {
      if (this.#isClosed || !isOnLink(address)) return;
      for (const heard of announcementsIn([...answers, ...additionals]))
        options.onAnnouncement(heard, address);
    });
  }

  ask(): void {
    if (!this.#isClosed) this.#mdns.query([{ name: serviceType, type: 'PTR' }]);
  }

  /** Resolves when it is on its way, or cannot be. */
  tell(records: ServiceRecord[]): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => this.#mdns.respond(records, () => resolve()));
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#mdns.destroy();
  }
}
