import {
  type CallOptions,
  type Client,
  createClient,
  makeAnyClient,
  type Transport,
} from '@connectrpc/connect';
import { toLatticeError } from './errors.js';
import { LatticeService } from './gen/lattice_pb.js';

/**
 * A running node, from anywhere. Calls reject with `LatticeError`. Streams are read with `for await`: leaving the loop
 * cancels the call, and so does the `signal` of its options.
 */
export type LatticeClient = Client<typeof LatticeService>;

/**
 * Speaks to the node at the other end of `transport`: a socket, or the same process.
 *
 * ```ts
 * const client = createLatticeClient(transport);
 * await client.put({ key: utf8('greeting'), value: utf8('hello') });
 * for await (const { items } of client.list({ prefix: utf8('gr') })) console.log(items.length);
 * ```
 */
export function createLatticeClient(transport: Transport): LatticeClient {
  const plain = createClient(LatticeService, transport);
  return makeAnyClient(LatticeService, (method) => {
    const call = plain[method.localName as keyof LatticeClient] as UnaryCall & StreamingCall;
    return method.methodKind === 'unary' ? withErrors(call) : cancellable(call);
  }) as LatticeClient;
}

/** Of calls that their caller cannot cancel. */
const neverAborted = new AbortController().signal;

type UnaryCall = (input: unknown, options?: CallOptions) => Promise<unknown>;
type StreamingCall = (input: unknown, options?: CallOptions) => AsyncIterable<unknown>;

function withErrors(call: UnaryCall): UnaryCall {
  return async (input, options) => {
    try {
      return await call(input, options);
    } catch (error) {
      throw toLatticeError(error, options?.signal ?? neverAborted);
    }
  };
}

/** Connect's own streams go on when their reader has left. */
function cancellable(call: StreamingCall): StreamingCall {
  return async function* (input, options = {}) {
    const stop = new AbortController();
    const forward = () => stop.abort(options.signal?.reason);
    if (options.signal?.aborted) forward();
    options.signal?.addEventListener('abort', forward, { once: true });
    try {
      yield* call(input, { ...options, signal: stop.signal });
    } catch (error) {
      throw toLatticeError(error, stop.signal);
    } finally {
      options.signal?.removeEventListener('abort', forward);
      stop.abort();
    }
  };
}
