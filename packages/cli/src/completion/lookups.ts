/** Something that has an id and may have a name, both of which one can type. */
export interface Named {
  readonly id: string;
  /** Empty where it has none; need not be unique. */
  readonly name: string;
}

/** What one place offers. Words may stand for bytes that are no text. */
export interface Found<T> {
  readonly items: readonly T[];
  /** Whether there are more than these. */
  readonly more: boolean;
}

/** Which mesh and store the line means; empty: the selection. */
export interface Meant {
  readonly mesh: string;
  readonly store: string;
}

/**
 * What a place in a line can hold that only the node or the disk knows. A look-up that fails, or takes longer than somebody
 * who has pressed Tab wants to wait, finds nothing.
 */
export interface Lookups {
  meshes(): Promise<Found<Named>>;
  stores(meant: Meant): Promise<Found<Named>>;
  /** But this node. */
  members(meant: Meant): Promise<Found<Named>>;
  /** Keys that begin so, in their order. `common`: what all of them begin with, also those beyond the bound. */
  keys(prefix: string, meant: Meant): Promise<Found<string> & { readonly common?: string }>;
  /** Paths that begin so; those of directories end in a slash. */
  files(prefix: string, which: 'all' | 'directories'): Promise<Found<string>>;
}
