// Waterfall: the times of one job as bars below one another: waiting, each run, and where it made progress.

import type { JobDetail } from "../../contract.ts";
import { duration } from "../format.ts";
import { endOf } from "../job_times.ts";
import { kindColour } from "../kind_colour.ts";

interface Span {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly look: "queue" | "run" | "lost";
}

export function Waterfall({ job }: { job: JobDetail }) {
  const end = endOf(job);
  const spans = spansOf(job, end ?? job.moments.at(-1)?.at ?? job.submittedAt);
  const begin = job.submittedAt;
  const last = spans.at(-1)?.to ?? begin;
  const whole = Math.max(last - begin, 0.001);
  const part = (at: number) => `${((at - begin) / whole) * 100}%`;
  const progress = job.moments.filter(({ what }) => what === "progress");
  return (
    <ol class="waterfall">
      {spans.map((span, i) => (
        <li key={i}>
          <span class="waterfall-name">{span.name}</span>
          <span class="waterfall-track">
            <span
              class={`waterfall-bar waterfall-${span.look}`}
              style={{
                // What is short is seen at the very end, too.
                left: `min(${part(span.from)}, calc(100% - 2px))`,
                width: `max(2px, ${((span.to - span.from) / whole) * 100}%)`,
                background: span.look === "queue" ? undefined : kindColour(job.kind),
              }}
            />
            {span.look !== "queue" &&
              job.marks
                .map((mark) => ({ mark, ends: Math.min(mark[3] ?? span.to, span.to) }))
                .filter(({ mark: [, , at] }) => at >= span.from && at <= span.to)
                .map(({ mark: [what, of, at], ends }, n) => (
                  <span
                    key={n}
                    class="waterfall-hold"
                    data-what={what}
                    title={`${what} ${of}`}
                    style={{
                      left: part(at),
                      width: `max(2px, ${((ends - at) / whole) * 100}%)`,
                    }}
                  />
                ))}
            {span.look !== "queue" &&
              progress
                .filter(({ at }) => at >= span.from && at <= span.to)
                .map(({ at, fraction }, n) => (
                  <span
                    key={n}
                    class="waterfall-mark"
                    title={`${Math.round((fraction ?? 0) * 100)} %`}
                    style={{ left: part(at) }}
                  />
                ))}
          </span>
          <span class="time">
            {end === undefined && i === spans.length - 1
              ? "until it was lost"
              : duration(span.to - span.from)}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** A job waits, runs, may be lost with its worker and wait again. */
function spansOf(job: JobDetail, end: number): Span[] {
  const spans: Span[] = [];
  let from = job.submittedAt;
  let running: string | undefined;
  for (const { at, what, worker } of job.moments) {
    if (what === "started") {
      spans.push({ name: "waited", from, to: at, look: "queue" });
      from = at;
      running = worker?.name ?? "ran";
    } else if (what === "lost" && running !== undefined) {
      spans.push({ name: running, from, to: at, look: "lost" });
      from = at;
      running = undefined;
    }
  }
  if (running !== undefined) {
    const look = job.state === "failed" ? "lost" : "run";
    spans.push({ name: running, from, to: end, look });
  } else if (job.state !== "finished") {
    spans.push({ name: "waited", from, to: end, look: "queue" });
  }
  return spans;
}
