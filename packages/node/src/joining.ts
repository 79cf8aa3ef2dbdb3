import { storeIdOf } from '@lattice/kernel';
import { equalBytes, idKey, LatticeError, type MeshGenesis, messageOf, type Timers } from '@lattice/model';
import { invitePublicKey, parseToken, proveInvite, type Token, tokenExpired } from '@lattice/meshstore';
import type { PeerAddress } from '@lattice/net-types';
import { decodeGenesis, MalformedError, wire } from '@lattice/proto';
import type { NodeContext } from './context.js';
import type { LocalMesh } from './local-mesh.js';
import type { PeerManager } from './peer-manager.js';

/** Reads a token that is still of use. Throws `token-...`. */
export function readToken(text: string, nowMs: number): Token {
  const token = parseToken(text);
  if (!tokenExpired(token, nowMs)) return token;
  const date = new Date(token.expiryMs).toISOString();
  throw new LatticeError(
    'token-expired',
    `The invite expired at ${date}: ask a member for a new one ("mesh invite").`,
  );
}

export interface Joining {
  readonly token: Token;
  /** What this node wants to be called. */
  readonly name: string;
  readonly context: NodeContext;
  readonly peers: PeerManager;
  /** The mesh, opened if need be, once a member has said that this node may join it. */
  readonly open: (genesis: MeshGenesis) => Promise<LocalMesh>;
  readonly signal: AbortSignal;
}

/** How often one member is tried, where connections break. */
const attemptsMax = 3;
const betweenAttemptsMs = 500;

/**
 * Joins through the members that a token names, one after the other; resolves once the mesh store says that this node is
 * a member, and all that it lists has been synced once. Rejects with `no-member-reachable`, `invite-refused` or `aborted`.
 */
export async function joinThroughAny(joining: Joining): Promise<LocalMesh> {
  const { token, context, peers, signal } = joining;
  const failures: string[] = [];
  let refused: LatticeError | undefined;
  for (const member of token.members.filter(({ nodeId }) => !equalBytes(nodeId, context.key.nodeId))) {
    try {
      peers.learn([member]);
      return await joinThrough(member, joining);
    } catch (error) {
      if (signal.aborted) throw aborted();
      if (error instanceof FinalRefusal) throw error;
      if (error instanceof LatticeError && error.code === 'invite-refused') refused ??= error;
      failures.push(messageOf(error));
    } finally {
      peers.linkWith(member.nodeId)?.stopAsking(token.mesh);
    }
  }
  if (refused) throw refused;
  throw noneReachable(token.members.length, failures[0]);
}

/**
 * What a token is good for where this node is in the mesh already: it tells where members are, whom this node may have lost. One
 * that it does not know for a member yet is dialled, and brings what made it one. Whoever cannot be reached is left out.
 */
export async function meetMembers(
  mesh: LocalMesh,
  { token, peers, signal }: Pick<Joining, 'token' | 'peers' | 'signal'>,
): Promise<void> {
  peers.learn(token.members.filter(({ nodeId }) => mesh.view.isMember(nodeId)));
  const unknown = token.members.filter(({ nodeId }) => !mesh.view.members.has(idKey(nodeId)));
  if (unknown.length === 0) return;
  await peers.start();
  const met = unknown.map(async (member) => {
    await peers.dial(member, signal);
    await peers.reachAgain(mesh, member.nodeId, signal);
    if (mesh.view.isMember(member.nodeId)) peers.learn([member]);
  });
  await Promise.allSettled(met);
}

async function joinThrough(member: PeerAddress, joining: Joining): Promise<LocalMesh> {
  const { token, context, peers, signal } = joining;
  const mesh = await joining.open(checkReply(await askMember(member, joining), token));
  context.clock.hearOf(peers.linkWith(member.nodeId)?.peerNowMs ?? 0);
  mesh.vouchFor(token.members.map(({ nodeId }) => nodeId));
  peers.linkWith(member.nodeId)?.stopAsking(token.mesh);
  for (let attempt = 1; !mesh.isJoined; attempt++) {
    const link = await peers.dial(member, signal);
    await unlessAborted(link.syncMesh(mesh.link), signal);
    if (mesh.isJoined) break;
    if (attempt === attemptsMax) throw new Error('the connection broke before the mesh was here');
    await pause(context.timers, betweenAttemptsMs, signal);
  }
  return mesh;
}

/** Rejects when the connection breaks, unless another one has taken its place. */
async function askMember(
  member: PeerAddress,
  { token, name, context, peers, signal }: Joining,
): Promise<wire.JoinReply> {
  const proof = proveInvite(token.secret, token.mesh, context.key.nodeId);
  const request = { invite: invitePublicKey(token.secret), proof, name };
  for (let attempt = 1; ; attempt++) {
    const link = await peers.dial(member, signal);
    try {
      return await unlessAborted(link.join(token.mesh, request), signal);
    } catch (error) {
      if (attempt === attemptsMax || signal.aborted || !peers.linkWith(member.nodeId)) throw error;
    }
  }
}

/** Rejects with `aborted` as soon as the signal fires. */
async function pause(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
  let cancel: () => void = () => undefined;
  try {
    await unlessAborted(new Promise<void>((resolve) => (cancel = timers.after(ms, resolve))), signal);
  } finally {
    cancel();
  }
}

/** The outcome of the work, or `aborted` as soon as the signal fires: nobody listens to the work any more then. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const give = () => reject(aborted());
    if (signal.aborted) give();
    signal.addEventListener('abort', give, { once: true });
    void work.then(resolve, reject).then(() => signal.removeEventListener('abort', give));
  });
}

function aborted(): LatticeError {
  return new LatticeError('aborted', 'Joining was cancelled: the same token can be used again.');
}

/** A refusal that every other member would repeat. */
class FinalRefusal extends LatticeError {}

function checkReply({ outcome }: wire.JoinReply, token: Token): MeshGenesis {
  if (outcome.case === 'refusal') throw refusal(outcome.value);
  let genesis;
  try {
    genesis = decodeGenesis(outcome.value ?? new Uint8Array(0));
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
  }
  if (genesis?.kind === 'mesh' && equalBytes(storeIdOf(genesis), token.mesh)) return genesis;
  throw new LatticeError(
    'invite-refused',
    'The member answered for another mesh than the token names: ask for a new token.',
  );
}

function refusal(code: wire.JoinRefusal): LatticeError {
  const isFinal = finalRefusals.includes(code);
  // A member of a later version may have reasons that this one does not know.
  const message = refusals[code] ?? refusals[wire.JoinRefusal.UNSPECIFIED];
  return new (isFinal ? FinalRefusal : LatticeError)('invite-refused', message);
}

const finalRefusals: readonly wire.JoinRefusal[] = [
  wire.JoinRefusal.EXPIRED,
  wire.JoinRefusal.USED,
  wire.JoinRefusal.REVOKED,
];

function noneReachable(members: number, failure: string | undefined): LatticeError {
  const who =
    members === 1
      ? 'The member that the token names could not be reached'
      : `None of the ${members} members that the token names could be reached`;
  const why = failure === undefined ? '' : ` (${failure.replace(/\.$/, '')})`;
  return new LatticeError(
    'no-member-reachable',
    `${who}${why}: see that a member runs and can be reached from here, then join again.`,
  );
}

const refusals: Readonly<Record<wire.JoinRefusal, string>> = {
  [wire.JoinRefusal.UNSPECIFIED]: 'The member refused without a reason: ask for a new token.',
  [wire.JoinRefusal.UNKNOWN]:
    'The member does not know this invite: ask for a new token, or try again when it has synced.',
  [wire.JoinRefusal.EXPIRED]: 'The invite has expired by the clocks of the mesh: ask a member for a new one.',
  [wire.JoinRefusal.USED]: 'The invite was used by another node already: ask a member for a new one.',
  [wire.JoinRefusal.REVOKED]:
    'This node has left the mesh or was removed from it, which is final for its identity: to join again, use another data directory.',
  [wire.JoinRefusal.UNABLE]: 'The member could not admit anybody just now: try again, or ask another member.',
};
