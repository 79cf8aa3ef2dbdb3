import { LatticeError } from '@lattice/model';
import { MalformedError } from '@lattice/proto';

/** A decoder, and what must hold of it whatever it is given. */
export interface FuzzTarget {
  readonly name: string;
  /** What it accepts: input is made of these. */
  readonly samples: readonly Uint8Array[];
  /** How many cases it gets, where most get one: less for what costs more. */
  readonly share?: number;
  /** Decodes, checks what came out of it, and says whether it was accepted. Throws nothing that it declares. */
  readonly decode: (bytes: Uint8Array) => Outcome | Promise<Outcome>;
}

export type Outcome = 'accepted' | 'refused';

/** Refused where the error is one that the decoder declares; any other is thrown on. */
export function refusedAs(error: unknown, ...codes: readonly string[]): 'refused' {
  if (error instanceof LatticeError && codes.includes(error.code)) return 'refused';
  throw error;
}

export function refusedAsMalformed(error: unknown): 'refused' {
  if (error instanceof MalformedError) return 'refused';
  throw error;
}
