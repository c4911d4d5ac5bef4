// The limits of one map: its deadline, and the signals that end it.

import { CancelledError, TimeoutError } from "../errors.ts";
import type { MapOptions } from "../executor.ts";
import { Timer } from "../time/timer.ts";
import { whenAborted } from "../time/when_aborted.ts";

/** What is limited. */
export interface Limited {
  /** Whether all is settled that there will be. */
  readonly isComplete: boolean;
  /** How many elements are, for the error: `3 (of 7)`. */
  readonly unfinished: string;
  /** Whether it was stopped. */
  readonly isStopped: boolean;
  /** Time ran out, or a signal aborted. */
  stop(error: CancelledError | TimeoutError): void;
  /** There is a deadline: it keeps no program alive, but whoever waits for it does. */
  holdWhileRead(): void;
  /** Has something done when nothing is left to come too late, or to be cancelled. */
  whenOver(cleanUp: () => void): void;
}

/** Follows the options of a map, and the signal of its task. */
export function followLimits(
  { timeout, signal }: MapOptions<boolean>,
  ofTask: AbortSignal | undefined,
  map: Limited,
): void {
  if (timeout !== undefined && timeout !== Number.POSITIVE_INFINITY) {
    const timer = new Timer();
    timer.set(timeout, () => {
      // Results that are late only in being read are not late.
      if (map.isComplete) return;
      const unfinished = `${map.unfinished} elements unfinished`;
      map.stop(new TimeoutError(`Cannot finish map: ${unfinished} after ${timeout} ms`));
    });
    map.holdWhileRead();
    map.whenOver(() => timer.clear());
  }
  for (const one of new Set([signal, ofTask])) {
    if (one === undefined) continue;
    const stopListening = whenAborted(one, (cause) =>
      map.stop(new CancelledError("Cannot finish map: its signal aborted", { cause })),
    );
    if (map.isStopped) return;
    map.whenOver(stopListening);
  }
}
