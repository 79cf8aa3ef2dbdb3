declare const brand: unique symbol;

/** Marks a structural type as nominal: a `Hash` is not just any `Uint8Array`. Costs nothing at run time. */
export type Brand<Name extends string> = { readonly [brand]: { readonly [name in Name]: true } };
