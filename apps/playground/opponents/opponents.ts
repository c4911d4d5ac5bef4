// Opponents: pools that others made, which run the same batches where they are present. Each is a program of its own,
// started when it is asked for, spoken to by lines of JSON, and ended with its comparison.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { OpponentView } from "../contract.ts";

/** How long it may take to find out whether an opponent is present, in ms. One that has not answered by then is asked again another time. */
const PRESENT_MS = 30_000;

/** Who runs batches here, and how they are started. */
interface Opponent {
  readonly name: string;
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
}

const OPPONENTS: readonly Opponent[] = [
  { name: "python threads", pool: "ThreadPoolExecutor", kind: "threads" },
  { name: "python processes", pool: "ProcessPoolExecutor", kind: "processes" },
]
  .map(({ name, pool, kind }) => ({
    name,
    title: `Python's ${pool}`,
    command: "python3",
    args: [pathOf("./python_pool.py"), kind],
  }))
  .concat({
    name: "piscina",
    title: "piscina on Node",
    command: "node",
    args: [pathOf("./piscina_pool.mjs")],
  });

/** The arguments of the kinds that they know, of checked parameters. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  primes: ["n"],
  sleep: ["ms"],
  echo: ["value"],
};

/** A batch, as an opponent is asked for it. */
export interface OpponentBatch {
  readonly kind: string;
  readonly parameters: Record<string, unknown>;
  readonly count: number;
  readonly workers: number;
  /** How long jobs sleep that wake the workers, in ms. */
  readonly wakeMs: number;
}

let present: Promise<readonly OpponentView[]> | undefined;

/** Finds out which opponents are present, once: each is started, and has one job done. */
export function presentOpponents(): Promise<readonly OpponentView[]> {
  present ??= Promise.all(OPPONENTS.map(isPresent)).then((answers) =>
    OPPONENTS.filter((_, i) => answers[i]).map(({ name, title }) => ({
      name,
      title,
      kinds: Object.keys(ARGUMENTS),
    })),
  );
  return present;
}

async function isPresent({ name }: Opponent): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    using opponent = startOpponent(name);
    timer = setTimeout(() => {
      present = undefined;
      opponent[Symbol.dispose]();
    }, PRESENT_MS);
    await opponent.run({ kind: "echo", parameters: {}, count: 0, workers: 1, wakeMs: 0 });
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** An opponent that runs, until it is disposed of. */
export interface StartedOpponent extends Disposable {
  /** Runs a batch, and says how long it took without the start of workers, in ms. */
  run(batch: OpponentBatch): Promise<number>;
}

/**
 * Starts an opponent.
 *
 * @throws {Error} from `run()`, if it cannot be started, or ends.
 */
export function startOpponent(name: string): StartedOpponent {
  const { command, args, title } = OPPONENTS.find((known) => known.name === name) as Opponent;
  const child: ChildProcess = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
  const { stdin, stdout } = child as ChildProcess & { stdin: NonNullable<ChildProcess["stdin"]> };
  // Where there is no such program, both of these fail, and only its end is told.
  const ended = Promise.race([once(child, "exit"), once(child, "error").catch(() => {})]).then(
    () => undefined,
    () => undefined,
  );
  stdin.on("error", () => {});
  const lines = createInterface({ input: stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  return {
    async run({ kind, parameters, count, workers, wakeMs }) {
      const values = (ARGUMENTS[kind] ?? []).map((parameter) => parameters[parameter]);
      const asked = { kind, arguments: values, count, workers, wake_ms: wakeMs };
      stdin.write(`${JSON.stringify(asked)}\n`);
      const answer = await Promise.race([lines.next(), ended]);
      if (!answer?.value) throw new Error(`Cannot compare: ${title} has ended`);
      return (JSON.parse(answer.value) as { ms: number }).ms;
    },
    // By the end of its input it ends all that it has started; by a signal Python's workers would be left behind.
    [Symbol.dispose]() {
      stdin.destroy();
    },
  };
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
