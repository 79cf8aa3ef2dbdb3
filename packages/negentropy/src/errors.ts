/**
 * - `malformed`: a message that no implementation sends; end the session.
 * - `unsupported-version`: the responder speaks another version only.
 * - `invalid-item`: an id of another length than 32, a timestamp out of range, or the same item twice.
 */
export type NegentropyErrorCode = 'malformed' | 'unsupported-version' | 'invalid-item';

export class NegentropyError extends Error {
  override readonly name = 'NegentropyError';
  readonly code: NegentropyErrorCode;

  constructor(code: NegentropyErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
