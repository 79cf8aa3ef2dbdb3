export { addressBytesMax } from './address.js';
export { type Chain, chooseCutOffs } from './cut-offs.js';
export { evaluateMesh, MeshEvaluation } from './evaluate.js';
export type { MeshEntry, MeshHistory } from './history.js';
export { invitePublicKey, inviteSecretBytes, newInvite, proveInvite, verifyInviteProof } from './invite.js';
export { judgeJoin, type JoinVerdict } from './joining.js';
export { meshMachine, readMeshEntries, readMeshOps } from './machine.js';
export { checkName, isName, nameBytesMax } from './name.js';
export {
  type AdmitOp,
  type CreateStoreOp,
  cutOffsMax,
  type InviteOp,
  type MeshOp,
  revokedStoresMax,
  type RevokeOp,
  type StoreCutOff,
} from './op.js';
export { decodeMeshOps, encodeMeshOp } from './op-codec.js';
export { ProofCache } from './proofs.js';
export { sameRules, sameView } from './same-view.js';
export { storeGenesis } from './stores.js';
export {
  encodeToken,
  parseToken,
  type Token,
  tokenAddressesMax,
  tokenExpired,
  tokenMembersMax,
} from './token.js';
export type { CountedRevocation, Member, MeshView } from './view.js';
