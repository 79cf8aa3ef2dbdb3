import { type Cancel, type IdKey, idKey, type Timers } from '@lattice/model';
import type { PeerAddress } from '@lattice/net-types';

/** News of one peer is told this often at most, and the same again after so long. */
const apartMs = 1_000;
const sameApartMs = 10_000;

interface Told {
  address: PeerAddress;
  atMs: number;
  /** Of news that waits for its time: the latest. */
  waiting: Cancel | undefined;
}

/** Passes on where peers are, not more often than is of use: anybody on a link can announce anything as often as it likes. */
export class News {
  readonly #told = new Map<IdKey, Told>();

  constructor(
    private readonly timers: Timers,
    private readonly tell: (peer: PeerAddress) => void,
  ) {}

  /** The peer has to be one of a bounded number. */
  hear(address: PeerAddress): void {
    const key = idKey(address.nodeId);
    const now = this.timers.monotonicMs();
    const before = this.#told.get(key);
    if (!before) {
      this.#tell(address);
      return;
    }
    const isSame = before.address.direct.join() === address.direct.join();
    if (now - before.atMs >= (isSame ? sameApartMs : apartMs)) this.#tell(address);
    else if (!isSame) this.#tellLater(before, address, before.atMs + apartMs - now);
  }

  /** All is news again, for who is elsewhere now. */
  forget(): void {
    for (const { waiting } of this.#told.values()) waiting?.();
    this.#told.clear();
  }

  #tell(address: PeerAddress): void {
    this.#told.get(idKey(address.nodeId))?.waiting?.();
    this.#told.set(idKey(address.nodeId), {
      address,
      atMs: this.timers.monotonicMs(),
      waiting: undefined,
    });
    this.tell(address);
  }

  #tellLater(told: Told, address: PeerAddress, afterMs: number): void {
    told.address = address;
    told.waiting ??= this.timers.after(afterMs, () => {
      told.waiting = undefined;
      this.#tell(told.address);
    });
  }
}
