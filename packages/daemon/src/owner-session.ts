import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { LatticeError, type Timers } from '@lattice/model';
import type { Owner } from './data-directory.js';

/** Never looked up: there is only the socket. */
export const authority = 'http://lattice';

/**
 * How long the owner may take to say the first thing on a new connection, which needs nothing but an event loop that
 * turns. Calls themselves may take as long as they take.
 */
const firstReplyWithinMs = 5_000;

export interface SessionOptions {
  readonly timers: Timers;
  readonly signal?: AbortSignal | undefined;
}

/**
 * An HTTP/2 session with the owner, which has answered. `undefined` where nobody listens (any more). Rejects with
 * `daemon-not-answering` or `daemon-unreachable`.
 */
export function openSession(
  owner: Owner,
  { timers, signal }: SessionOptions,
): Promise<ClientHttp2Session | undefined> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(authority, { createConnection: () => connect(owner.socketPath) });
    const settle = (act: () => void) => {
      cancelTimeout();
      signal?.removeEventListener('abort', abort);
      act();
    };
    const giveUp = (reason: unknown) => {
      settle(() => reject(reason));
      session.destroy();
    };
    const abort = () => giveUp(signal?.reason);
    const cancelTimeout = timers.after(firstReplyWithinMs, () => giveUp(notAnswering(owner)));
    signal?.addEventListener('abort', abort, { once: true });

    // Each side begins by telling its settings (RFC 9113, section 3.4).
    session.once('remoteSettings', () => settle(() => resolve(session)));
    // What breaks later breaks the calls under way, and they tell.
    session.on('error', (error) =>
      settle(() => {
        const problem = problemOf(error, owner);
        if (problem === undefined) resolve(undefined);
        else reject(problem);
      }),
    );
    session.once('close', () => settle(() => resolve(undefined)));
  });
}

/** `undefined` for what a process looks like that is starting or ending. */
function problemOf(error: NodeJS.ErrnoException, owner: Owner): LatticeError | undefined {
  const code = error.code ?? error.message;
  if (['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(code)) return undefined;
  // What Linux says when so many wait already that no more may.
  if (code === 'EAGAIN') return notAnswering(owner);
  if (code === 'EACCES' || code === 'EPERM')
    return unreachable(owner, `${code}): run the command as the user who started it`, error);
  if (code.startsWith('ERR_HTTP2_'))
    return unreachable(
      owner,
      "what listens there does not speak Lattice's protocol): end it, then run the command again",
      error,
    );
  return unreachable(owner, `${code}): end process ${owner.pid}, then run the command again`, error);
}

function unreachable({ socketPath }: Owner, rest: string, cause: unknown): LatticeError {
  return new LatticeError(
    'daemon-unreachable',
    `The process that runs this node cannot be reached at ${socketPath} (${rest}.`,
    { cause },
  );
}

function notAnswering({ pid }: Owner): LatticeError {
  return new LatticeError(
    'daemon-not-answering',
    `Process ${pid} runs this node and has not answered within ${firstReplyWithinMs / 1_000} seconds: if it was stopped, ` +
      `let it go on (kill -CONT ${pid}); else end it (kill ${pid}). Then run the command again.`,
  );
}
