/**
 * How much of what peers send is held at a time before it is verified, in bytes of frames: in all, of one peer, and of all strangers
 * together. A frame of the greatest size finds room in each.
 */
const inAllMax = 64 * 1024 * 1024;
const ofPeerMax = 8 * 1024 * 1024;
const ofStrangersMax = 8 * 1024 * 1024;

interface Waiting {
  readonly peer: PeerRoom;
  readonly bytes: number;
  readonly enter: (place: Place) => void;
}

/** What a frame takes up; to be left when nobody has need of its bytes any more. Idempotent. */
export interface Place {
  leave(): void;
}

const nowhere: Place = { leave: () => undefined };

/**
 * The memory of one node for frames that are on their way in. Who finds no room waits, and reads no more meanwhile, so that the
 * peer's flow control stops it: those that came first in front, but for peers who have too much there already.
 */
export class InboundRoom {
  #held = 0;
  #ofStrangers = 0;
  readonly #waiting = new Set<Waiting>();

  /** What is held now, in bytes. */
  get held(): number {
    return this.#held;
  }

  /** For one connection; `isStranger`: whether the peer is no member, as far as is known just now. */
  forPeer(isStranger: () => boolean): PeerRoom {
    return new PeerRoom(this, isStranger);
  }

  /** A place in it, or the promise of one. For `PeerRoom` alone, as is the rest. */
  enter(peer: PeerRoom, bytes: number): Place | Promise<Place> {
    if (this.#fits(bytes) && peer.fits(bytes, this.#ofStrangers)) return this.#take(peer, bytes);
    return new Promise((enter) => this.#waiting.add({ peer, bytes, enter }));
  }

  /** Lets those go that wait for that peer. */
  dismiss(peer: PeerRoom): void {
    for (const one of this.#waiting) if (one.peer === peer) this.#admit(one, nowhere);
  }

  #take(peer: PeerRoom, bytes: number): Place {
    const isStranger = peer.isStranger();
    this.#count(peer, isStranger, bytes);
    const place: Place = {
      leave: () => {
        if (!peer.places.delete(place)) return;
        this.#count(peer, isStranger, -bytes);
        this.#review();
      },
    };
    peer.places.add(place);
    return place;
  }

  #count(peer: PeerRoom, isStranger: boolean, bytes: number): void {
    this.#held += bytes;
    peer.held += bytes;
    if (isStranger) this.#ofStrangers += bytes;
  }

  /** One that does not fit in all holds up those behind it, lest small ones keep a large one out for ever. */
  #review(): void {
    for (const one of this.#waiting) {
      if (!this.#fits(one.bytes)) return;
      if (one.peer.fits(one.bytes, this.#ofStrangers)) this.#admit(one, this.#take(one.peer, one.bytes));
    }
  }

  #admit(one: Waiting, place: Place): void {
    this.#waiting.delete(one);
    one.enter(place);
  }

  #fits(bytes: number): boolean {
    return this.#held + bytes <= inAllMax;
  }
}

/** The part of it that one connection may take up. */
export class PeerRoom implements Disposable {
  /** In bytes. */
  held = 0;
  readonly places = new Set<Place>();
  readonly #room: InboundRoom;
  readonly isStranger: () => boolean;
  #isClosed = false;

  constructor(room: InboundRoom, isStranger: () => boolean) {
    this.#room = room;
    this.isStranger = isStranger;
  }

  /** Once closed, nobody waits any more. */
  enter(bytes: number): Place | Promise<Place> {
    return this.#isClosed ? nowhere : this.#room.enter(this, bytes);
  }

  fits(bytes: number, ofStrangers: number): boolean {
    if (this.held + bytes > ofPeerMax) return false;
    return !this.isStranger() || ofStrangers + bytes <= ofStrangersMax;
  }

  /** The connection is over, and so is whatever it brought. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#room.dismiss(this);
    for (const place of this.places) place.leave();
  }
}
