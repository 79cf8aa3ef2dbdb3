import { assert, LatticeError, toHex } from '@lattice/model';

/** Compares by what the values look like, bytes as hexadecimal. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  const [found, wanted] = [show(actual), show(expected)];
  assert(found === wanted, `${what}: ${shorten(found)} instead of ${shorten(wanted)}`);
}

/** The work throws, or rejects, with an error of that code, or where no code is given with a failed assertion. */
export async function expectRefused(work: () => unknown, what: string, code?: string): Promise<void> {
  let result: unknown;
  try {
    result = await work();
  } catch (error) {
    const isRight =
      code === undefined ? isAssertion(error) : error instanceof LatticeError && error.code === code;
    if (isRight) return;
    throw new Error(`${what}: refused otherwise than ${code ?? 'by an assertion'}`, { cause: error });
  }
  throw new Error(`${what}: not refused, but ${shorten(show(result))}`);
}

function isAssertion(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('assertion failed');
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner instanceof Uint8Array ? `<${toHex(inner)}>` : inner === undefined ? '<undefined>' : inner,
  );
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}... (${text.length} characters)` : text;
}
