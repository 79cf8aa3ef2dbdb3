import { LatticeError } from '@lattice/model';

/** No relay and no lookup service at all; those that Iroh's makers run; or one relay of one's own. */
export type RelayChoice = 'off' | 'default' | URL;

/** Reads what a person wrote. Throws `invalid-relay`. */
export function parseRelayChoice(text: string): RelayChoice {
  if (text === 'off' || text === 'default') return text;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new LatticeError(
      'invalid-relay',
      `"${text}" is not a relay: use off, default, or its URL (https://...).`,
    );
  }
  return new URL(text);
}
