/** What somebody does who holds a key and keeps to nothing but what the key cannot do. Each is a step of a story. */
export type Assault =
  /** Somebody has a node's key from now on, and all that is on its disk; once more: what is on it by now. */
  | { readonly do: 'steal'; readonly node: string; readonly as: string }
  | Forgery
  | {
      /** A connection of its own, on which a batch is handed over; it ends some seconds later. */
      readonly do: 'hand';
      readonly by: string;
      readonly batch: string;
      readonly to: string;
      readonly how: 'push' | 'sync' | 'handover';
      /** How many of the first entries are kept back. */
      readonly withheld?: number;
      /** The last entry first. */
      readonly reversed?: boolean;
      /** A bundle for each entry. */
      readonly singly?: boolean;
      readonly spoilt?: Spoilt;
    }
  | { readonly do: 'pester'; readonly by: string; readonly to: string; readonly how: Nuisance };

/** Entries are made, for the thief's own use first: as many branches of as many entries each. */
export interface Forgery {
  readonly do: 'forge';
  readonly by: string;
  readonly batch: string;
  /** The name of a store, or `mesh` for the mesh's own. */
  readonly store: string;
  /** Of whom they say they are, where not of whom the key was stolen: without that one's key. */
  readonly inTheNameOf?: string;
  /** What the first of each branch goes on from; `last`: what was made last. */
  readonly from: 'tip' | 'last' | 'middle' | 'root' | 'nowhere' | 'elsewhere';
  readonly branches: number;
  readonly entries: number;
  readonly dated: 'now' | 'ahead' | 'held' | 'far' | 'back' | 'zero' | 'limit';
  readonly names: 'heads' | 'nothing' | 'some' | 'fabricated' | 'mismatched' | 'many' | 'tooMany';
  readonly says: Saying;
}

/** What is in the entries. */
export type Saying =
  | { readonly kind: 'puts' | 'appends' | 'nothing' | 'junk' | 'newer' | 'bulk' | 'tooLong' }
  | {
      readonly kind: 'revoke';
      readonly whom: string;
      /** What it accepts: all that the thief knows, half of it, nothing, or what nobody has. */
      readonly upTo: 'tips' | 'middle' | 'nothing' | 'fabricated';
    }
  /** Lets somebody in: with a proof, without one, or twice on one invite. */
  | { readonly kind: 'admit'; readonly whom: string; readonly proof: 'right' | 'wrong' | 'shared' }
  | { readonly kind: 'names' };

export const spoils = ['signature', 'link', 'twice', 'order', 'cut', 'byte', 'tail', 'overlong'] as const;

export type Spoilt = (typeof spoils)[number];

export const nuisances = [
  /** A frame that says it is longer than any may be. */
  'longFrame',
  'garbage',
  /** Streams that are opened, and on which nothing is said. */
  'silence',
  /** Reads nothing of what it asks for. */
  'deafness',
  /** More to say than anybody asked for, without end. */
  'chatter',
  /** More entries that wait for what there is not than a node lets wait. */
  'flood',
  /** Asks to be let in with what is no proof. */
  'joins',
  /** Says where members are to be found, and they are not. */
  'addresses',
  /** A sync that never comes to its end. */
  'endlessSync',
] as const;

export type Nuisance = (typeof nuisances)[number];
