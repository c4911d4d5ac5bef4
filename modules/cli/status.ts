// How far a run is, for the live view: looked at from outside, as often as it is drawn.

import type { Intake } from "./input/intake.ts";
import { labelOf } from "./input/item.ts";
import type { Status } from "./output/frame.ts";
import type { Runner } from "./runner/runner.ts";
import type { Signals } from "./signals.ts";

/** How long the rate looks back. */
const RATE_MS = 5000;

/** No terminal has room for more. */
const MOST_SHOWN = 1000;

/** Looks at a run that begins now. */
export function watch(runner: Runner, intake: Intake, signals: Signals): () => Status {
  const startedAt = performance.now();
  const rate = new Rate();
  return () => {
    const now = performance.now();
    const { done, failed } = runner.counts;
    return {
      done,
      failed,
      skipped: intake.skipped,
      total: runner.isStopped ? undefined : intake.total,
      ms: now - startedAt,
      rate: rate.of(done + failed, now),
      running: runner.running.slice(0, MOST_SHOWN).map(({ job, slot, startedAt }) => ({
        label: labelOf(job.item),
        ms: now - startedAt,
        slot,
      })),
      note: NOTES[Math.min(signals.interrupts, NOTES.length - 1)],
    };
  };
}

/** By how often Ctrl-C was pressed; short, for terminals that are narrow. The lines above say what runs. */
const NOTES = [
  undefined,
  "stopping; Ctrl-C again interrupts",
  "interrupting; Ctrl-C again ends at once",
];

/** What the first Ctrl-C is answered where there is no live view. */
export function stillRunning({ running }: Runner): string {
  const labels = running.map(({ job }) => labelOf(job.item));
  const shown = labels.slice(0, 3).join(", ");
  const more = labels.length > 3 ? ` and ${labels.length - 3} more` : "";
  return `no more are started; ${labels.length} still running${shown && ": "}${shown}${more}; Ctrl-C again interrupts`;
}

/** Results in a second, over the last seconds. */
class Rate {
  readonly #samples: { at: number; ended: number }[] = [];

  of(ended: number, now: number): number {
    this.#samples.push({ at: now, ended });
    while (this.#samples.length > 2 && now - (this.#samples[0]?.at ?? now) > RATE_MS)
      this.#samples.shift();
    const first = this.#samples[0] as { at: number; ended: number };
    return now > first.at ? ((ended - first.ended) * 1000) / (now - first.at) : 0;
  }
}
