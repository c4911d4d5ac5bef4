// The signals that reach a program and its processes together: a terminal's Ctrl-C, a supervisor that ends a service.
// What they mean is the program's to decide, so its workers let them pass (docs/decisions/0037-signals-of-the-group.md).

import process from "node:process";

/** What a worker does about them. */
export type GroupSignals = "ignore" | "default";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The word on a worker's command line that leaves them as they are. */
const LEFT_ALONE = "--signals=default";

/** What to write behind a worker's command. */
export function signalWords(signals: GroupSignals = "ignore"): string[] {
  return signals === "default" ? [LEFT_ALONE] : [];
}

/**
 * Lets the signals pass, in a worker, unless its command line says otherwise; to be called in its first turn.
 *
 * By a listener that does nothing, not by ignoring them: what is ignored stays so in every program that a task starts,
 * and a terminal could never end that one.
 */
export function letSignalsPass(): void {
  const at = process.argv.indexOf(LEFT_ALONE);
  if (at !== -1) {
    process.argv.splice(at, 1);
    return;
  }
  for (const signal of SIGNALS) {
    try {
      process.on(signal, () => {});
    } catch {
      // Windows has not all of them, and Deno says so there.
    }
  }
}
