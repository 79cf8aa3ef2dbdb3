/**
 * The error of every public API. `code` is stable (scripts may match on it), `message` is one sentence that says what
 * happened and what to do next. Expected outcomes inside the core are values, not errors.
 */
export class LatticeError extends Error {
  override readonly name = 'LatticeError';

  constructor(
    readonly code: string,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/** What is known of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** States what must hold. A failure is a defect of the program, never of its input. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${what}`);
}

/** For the default of an exhaustive switch: the compiler refuses it where a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`assertion failed: unexpected ${JSON.stringify(value)}`);
}
