// Reads the arguments of `bench`.

import { parseArgs } from "node:util";

/** What was asked for. */
export interface BenchOptions {
  readonly quick: boolean;
  readonly json: boolean;
  readonly help: boolean;
  readonly guard: boolean;
  /** Names of scenarios; all if undefined. */
  readonly only: readonly string[] | undefined;
  /** Parts of names, or kinds, of contenders; all if undefined. */
  readonly contenders: readonly string[] | undefined;
  readonly rounds: number | undefined;
  /** The file to write the page of results to. */
  readonly write: string | undefined;
}

export const HELP = `Usage: deno task bench [OPTION...]

Measures this library, the naked transports below it, and the libraries that do the same job,
in turn within one run, and says which goals are met.

  --quick              less of what takes longest, 2 rounds; says less
  --only NAME,…        these scenarios only
  --contenders NAME,…  only contenders whose name or kind contains one of these words: us, naked,
                       peer, or a part of a name
  --rounds N           how often each contender is run; default: 5, with --quick 2
  --json               print all figures as JSON instead of tables
  --write FILE         write the page of results to FILE
  --guard              only burst, map and round trip against the naked transport, quickly;
                       fails if one is far beyond its goal
  --help               print this text

The other libraries are installed into apps/bench/peers when they are first needed.`;

/**
 * Reads arguments.
 *
 * @throws {TypeError} For an unknown option, a missing value, or a number of rounds that is none.
 */
export function parseCommandLine(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      guard: { type: "boolean", default: false },
      only: { type: "string" },
      contenders: { type: "string" },
      rounds: { type: "string" },
      write: { type: "string" },
    },
  });
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new TypeError(
      `Cannot use --rounds: expected a whole number from 1, got "${values.rounds}"`,
    );
  }
  return {
    ...values,
    only: list(values.only),
    contenders: list(values.contenders),
    rounds,
    write: values.write,
  };
}

function list(text: string | undefined): string[] | undefined {
  return text?.split(",").map((word) => word.trim());
}
