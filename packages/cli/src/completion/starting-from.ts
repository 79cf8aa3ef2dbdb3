import type { Lookups, Meant } from './lookups.js';

/** What was said before the line began (when the shell was started, in the environment) holds where the line says nothing. */
export function startingFrom(start: Meant, lookups: Lookups): Lookups {
  const meant = ({ mesh, store }: Meant): Meant => ({
    mesh: mesh === '' ? start.mesh : mesh,
    store: store === '' && mesh === '' ? start.store : store,
  });
  return {
    ...lookups,
    stores: (of) => lookups.stores(meant(of)),
    members: (of) => lookups.members(meant(of)),
    keys: (prefix, of) => lookups.keys(prefix, meant(of)),
  };
}
