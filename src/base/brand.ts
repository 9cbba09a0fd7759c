declare const brand: unique symbol;

/** A `Base` that can't be mixed up with another one: an id is not any text. Made where the value is checked, by `as`. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
