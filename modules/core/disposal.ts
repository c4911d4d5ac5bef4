// Gives platforms without `using` the symbols that it goes by. Every entry that a page may import imports this first: a class
// without them has a method "undefined", and what a bundler makes of `await using` finds none.

/** What has the symbols. */
interface WellKnown {
  dispose?: symbol;
  asyncDispose?: symbol;
}

/** Defines those that are missing, by the names that compilers and bundlers take where there are none. */
export function defineDisposal(symbols: WellKnown): void {
  for (const name of ["dispose", "asyncDispose"] as const)
    if (symbols[name] === undefined)
      Object.defineProperty(symbols, name, { value: Symbol.for(`Symbol.${name}`) });
}

defineDisposal(Symbol);
