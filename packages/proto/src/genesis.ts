import {
  formatVersion,
  type Genesis,
  genesisRandomBytes,
  meshStoreType,
  parseNodeId,
  parseStoreId,
  storeTypeCharsMax,
  utf8,
} from '@lattice/model';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { MalformedError } from './malformed.js';

const kindMesh = 0;
const kindStore = 1;
const storeTypePattern = /^[a-z][a-z0-9-]*$/;

/** Whether a store may have that type: 1 to 32 of a-z, 0-9 and hyphens, a letter first, and not the mesh store's own. */
export function isStoreType(type: string): boolean {
  return type.length <= storeTypeCharsMax && storeTypePattern.test(type) && type !== meshStoreType;
}

/** The canonical bytes, whose hash (domain "genesis") is the store's id. */
export function encodeGenesis(genesis: Genesis): Uint8Array {
  const writer = new ByteWriter(128).u8(formatVersion);
  if (genesis.kind === 'mesh') writer.u8(kindMesh).raw(genesis.creator);
  else writer.u8(kindStore).prefixed(utf8(genesis.type)).raw(genesis.mesh);
  return writer.raw(genesis.random).finish();
}

/** Throws `MalformedError`, also for a format version that this program does not know. */
export function decodeGenesis(bytes: Uint8Array): Genesis {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version !== formatVersion)
    throw new MalformedError(`format version ${version} is not known here (${formatVersion} is)`);
  const genesis = reader.u8() === kindMesh ? meshGenesis(reader) : storeGenesis(bytes[1], reader);
  reader.end();
  return genesis;
}

function meshGenesis(reader: ByteReader): Genesis {
  return { kind: 'mesh', creator: parseNodeId(reader.raw(32)), random: reader.raw(genesisRandomBytes) };
}

function storeGenesis(kind: number | undefined, reader: ByteReader): Genesis {
  if (kind !== kindStore) throw new MalformedError(`genesis kind ${kind} is not known`);
  const type = String.fromCharCode(...reader.prefixed(storeTypeCharsMax, 'a store type'));
  if (!isStoreType(type)) throw new MalformedError('a store type has characters that are not allowed');
  return { kind: 'store', type, mesh: parseStoreId(reader.raw(32)), random: reader.raw(genesisRandomBytes) };
}
