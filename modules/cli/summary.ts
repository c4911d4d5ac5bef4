// What is said at the end of a run: how many jobs came to which end, and which failed, with their arguments.

import { relative } from "node:path";
import process from "node:process";
import { labelOf } from "./input/item.ts";
import { count, duration, rateText } from "./output/frame.ts";
import { fit, plainLine } from "./output/text_width.ts";
import type { Ending, Running } from "./runner/launcher.ts";
import type { Counts } from "./runner/runner.ts";

/** So many failures are told one by one. */
const MOST_TOLD = 10;

/** A failure's line is no longer. */
const WIDEST = 300;

/** Gathers failures, and makes the summary. */
export class Summary {
  readonly #failures: string[] = [];

  /** Notes how a job ended. */
  note({ job }: Running, { failure }: Ending): void {
    if (failure === undefined || this.#failures.length >= MOST_TOLD) return;
    const detail = failure.detail === undefined ? "" : ` (${nearer(failure.detail)})`;
    const line = `  ${labelOf(job.item)}: ${failure.reason}${detail}`;
    this.#failures.push(fit(plainLine(line), WIDEST));
  }

  /** The lines, with or without the one that counts. */
  lines(counts: Counts, skipped: number, ms: number, isWhole: boolean): string {
    const { done, failed, cancelled } = counts;
    const ended = done + failed;
    const parts = [
      `${count(done)} done`,
      `${count(failed)} failed`,
      ...(cancelled > 0 ? [`${count(cancelled)} interrupted`] : []),
      ...(skipped > 0 ? [`${count(skipped)} done before`] : []),
    ];
    const rate = ended > 0 && ms > 0 ? ` (${rateText((ended * 1000) / ms)}/s)` : "";
    const head = isWhole ? `futures: ${parts.join(", ")} in ${duration(ms)}${rate}\n` : "";
    if (failed === 0) return head;
    const more = failed - this.#failures.length;
    const lines = [
      ...(isWhole ? [] : [`futures: ${count(failed)} failed`]),
      ...this.#failures,
      ...(more > 0 ? [`  and ${count(more)} more; --joblog keeps them all`] : []),
    ];
    return `${head}${lines.join("\n")}\n`;
  }
}

/** A place in a file as the user sees it from here. */
function nearer(place: string): string {
  if (!place.startsWith("/")) return place;
  const near = relative(process.cwd(), place);
  return near.length < place.length ? near : place;
}
