import { LatticeError } from '@lattice/model';
import { shortId } from '../output/columns.js';
import type { Session } from '../session.js';

/** "lattice:060e0f0d> ", with the mesh that commands mean. */
export async function promptText(session: Session, mesh: string): Promise<string> {
  return `lattice:${await meshText(session, mesh)}> `;
}

async function meshText(session: Session, mesh: string): Promise<string> {
  try {
    const client = await session.node();
    return shortId((await client.meshStatus({ mesh })).meshId);
  } catch (error) {
    await session.noteFailure(error);
    const isGone = error instanceof LatticeError && error.code === 'daemon-gone';
    return isGone ? 'no-node' : 'no-mesh';
  }
}
