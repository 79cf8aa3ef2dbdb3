/** How often a property is tried: by default so often, a hundred times that in a long run. */
export function runs(normally: number): number {
  return process.env['LATTICE_LONG'] === '1' ? 100 * normally : normally;
}
