import { Code, ConnectError } from '@connectrpc/connect';
import { LatticeError, messageOf } from '@lattice/model';
import { ErrorDetailSchema } from './gen/lattice_pb.js';

/**
 * The error as it crosses the wire. Its stable code travels in an `ErrorDetail`, since Connect's own sixteen are too
 * coarse for a program to act on; those are for clients that know nothing of Lattice.
 */
export function toConnectError(reason: unknown): ConnectError {
  if (reason instanceof ConnectError) return reason;
  const { code, message } = asLatticeError(reason);
  return new ConnectError(
    message,
    statusOf(code),
    undefined,
    [{ desc: ErrorDetailSchema, value: { code } }],
    reason,
  );
}

/**
 * The error as an application sees it: what the service rejected with, or what happened to the call. `signal` is that of
 * the call: HTTP/2 has one word for a call that its caller cancelled and for one that a dying server cut off.
 */
export function toLatticeError(reason: unknown, signal?: AbortSignal): LatticeError {
  if (reason instanceof LatticeError) return reason;
  const error = ConnectError.from(reason);
  // What the caller's own request stream threw comes back wrapped.
  if (error.cause instanceof LatticeError) return error.cause;
  const detail = error.findDetails(ErrorDetailSchema)[0];
  if (detail !== undefined) return new LatticeError(detail.code, error.rawMessage, { cause: reason });
  return withoutDetail(error, signal);
}

/** Anything thrown, as a `LatticeError`: an abort is `aborted`, and what nobody expected is `internal`. */
function asLatticeError(reason: unknown): LatticeError {
  if (reason instanceof LatticeError) return reason;
  if (reason instanceof ConnectError) return toLatticeError(reason);
  if (reason instanceof Error && reason.name === 'AbortError') return aborted({ cause: reason });
  const [firstLine = ''] = messageOf(reason).split('\n', 1);
  return new LatticeError(
    'internal',
    `Something went wrong inside Lattice (${firstLine}): please report it.`,
    {
      cause: reason,
    },
  );
}

/** What did not come from the service's own code: the connection, the limits, or a service of another version. */
function withoutDetail(error: ConnectError, signal: AbortSignal | undefined): LatticeError {
  const options = { cause: error };
  if (isCode(error, Code.Canceled, Code.DeadlineExceeded))
    return signal?.aborted === false ? daemonGone(options) : aborted(options);
  if (isCode(error, Code.Unavailable, Code.Aborted) || isBrokenConnection(error)) return daemonGone(options);
  if (isCode(error, Code.Unimplemented))
    return new LatticeError(
      'daemon-too-old',
      'The process that runs this node does not know this command: stop it, and start the newer version.',
      options,
    );
  if (isCode(error, Code.ResourceExhausted))
    return new LatticeError(
      'message-too-large',
      'That is too large for one message: send it in smaller batches.',
      options,
    );
  return asLatticeError(new Error(error.rawMessage, options));
}

function isCode({ code }: ConnectError, ...codes: readonly Code[]): boolean {
  return codes.includes(code);
}

function aborted(options: { readonly cause: unknown }): LatticeError {
  return new LatticeError('aborted', 'Cancelled: what was done until then stays done.', options);
}

function daemonGone(options: { readonly cause: unknown }): LatticeError {
  return new LatticeError(
    'daemon-gone',
    'The process that ran this node ended in the middle of the command. What the command was to do may be done: run it again if it is not.',
    options,
  );
}

/** Node reports a connection that broke in several ways, for which Connect has no better word than "internal". */
function isBrokenConnection(error: ConnectError): boolean {
  const { cause } = error;
  if (cause === null || typeof cause !== 'object' || !('code' in cause)) return false;
  return typeof cause.code === 'string' && /^(?:ECONN|EPIPE|ENOENT|ERR_HTTP2_|ERR_STREAM_)/.test(cause.code);
}

function statusOf(code: string): Code {
  if (code === 'aborted') return Code.Canceled;
  if (code === 'internal') return Code.Internal;
  if (code.endsWith('-not-found')) return Code.NotFound;
  if (/^invalid-|-(?:invalid|ambiguous|empty|unknown)$|-too-(?:large|long|short)$/.test(code))
    return Code.InvalidArgument;
  if (code.endsWith('-taken')) return Code.AlreadyExists;
  return Code.FailedPrecondition;
}
