/** One behaviour that every implementation of a port has. `run` rejects where it has not. */
export interface StorageCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** A place on a disk, or on what passes for one: what was opened there, and closed, is found there when opened again. */
export interface StorageRig<Opened> extends AsyncDisposable {
  open(): Promise<Opened>;
}

/** Turns behaviours, by name, into cases that each get a place of their own. */
export function casesOver<Opened>(
  openRig: () => Promise<StorageRig<Opened>>,
  behaviours: Readonly<Record<string, (rig: StorageRig<Opened>) => Promise<void>>>,
): readonly StorageCase[] {
  return Object.entries(behaviours).map(([name, behaviour]) => ({
    name,
    run: async () => {
      await using rig = await openRig();
      await behaviour(rig);
    },
  }));
}
