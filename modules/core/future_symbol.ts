// The symbol by which the copies of this library that are loaded in one program know each other's futures.

/**
 * Names the method of a future that calls a listener once the future is done, without counting as a look at its outcome,
 * and returns how to stop. Its number changes when what it promises does (docs/decisions/0034-two-copies.md).
 */
export const FUTURE: unique symbol = Symbol.for("@concurrent/futures/future/1");
