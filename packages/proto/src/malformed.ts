/** Bytes that do not say what they should. The only thing that decoders throw. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}
