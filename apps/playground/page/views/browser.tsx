// Your browser: the jobs that run in this page's own workers, with their lanes; chosen as the executor "browser" of a form.

import { useEffect } from "preact/hooks";
import { kindColour } from "../../../../modules/dashboard/page/kind_colour.ts";
import { Lanes } from "../../../../modules/dashboard/page/lanes/lanes.tsx";
import { samples } from "../../../../modules/dashboard/page/live.ts";
import { attempt } from "../../../../modules/dashboard/page/notices.ts";
import { Empty } from "../../../../modules/dashboard/page/parts/empty.tsx";
import {
  QUEUE,
  SampleCharts,
  THROUGHPUT,
} from "../../../../modules/dashboard/page/parts/sample_charts.tsx";
import { addressOf } from "../../../../modules/dashboard/page/route.ts";
import { kindOf } from "../catalogue.ts";
import { batches } from "../here/jobs_here.ts";
import { HERE, runKindHere } from "../here/kinds_here.ts";
import { readTyped, typedFrom } from "../parameters.ts";
import { JobsHere } from "../parts/jobs_here.tsx";

/** What is drawn of this page's own workers. */
const CHARTS = [THROUGHPUT, QUEUE];

/** Seconds of it. */
const PULSE = 120;

/** What to begin with: something that fills the workers, something to look at, something that fails, something that dies. */
const BEGINNINGS = [
  { kind: "primes", title: "Count primes, eight times", jobs: 8, parameters: { n: 20_000_000 } },
  { kind: "mandelbrot", title: "Draw four pictures", jobs: 4, parameters: {} },
  { kind: "primes", title: "10,000 short jobs", jobs: 10_000, parameters: { n: 10_000 } },
  { kind: "print", title: "Print some lines", jobs: 2, parameters: {} },
  { kind: "fail", title: "Throw an error", jobs: 1, parameters: {} },
  { kind: "exit", title: "Lose a worker", jobs: 1, parameters: {} },
] as const;

export function Browser() {
  useEffect(() => scrollTo(0, 0), []);
  const known = BEGINNINGS.flatMap((beginning) => {
    const kind = kindOf(beginning.kind);
    return kind === undefined ? [] : [{ ...beginning, kind }];
  });
  return (
    <div class="here-view fills">
      <header>
        <h1>Your browser</h1>
        <p class="quiet">
          The same functions, on the same kind of pool, in this page. The server knows nothing of
          these jobs, and they end with the page; here they stand in lanes, charts and lists beside
          its own.
        </p>
      </header>
      <div class="here-start" role="group" aria-label="Start something">
        {known.map(({ kind, title, jobs, parameters }) => (
          <button
            key={title}
            type="button"
            onClick={() =>
              attempt(async () => {
                await runKindHere(
                  kind,
                  readTyped(kind, typedFrom(kind, parameters)).values,
                  undefined,
                  jobs,
                  {},
                );
              })
            }
          >
            <span class="swatch" style={{ background: kindColour(kind.name) }} />
            {title}
          </button>
        ))}
        <a href={addressOf("submit")}>Submit another kind</a>
        <a href={addressOf("code")}>Write your own</a>
      </div>
      <Lanes executor={HERE} />
      <div class="here-results">
        {batches.value.length === 0 ? (
          <div class="panel here-none">
            <Empty title="Nothing has run here">What comes of each job is told here.</Empty>
          </div>
        ) : (
          <div class="here-jobs">
            {batches.value.map((batch) => (
              <JobsHere key={batch.number} batch={batch} />
            ))}
          </div>
        )}
        <Pulse />
      </div>
    </div>
  );
}

/** How it went lately; there from the first moment, for it is what this page does. */
function Pulse() {
  const list = (samples.value.get(HERE) ?? []).slice(-PULSE);
  return (
    <div class="charts">
      <SampleCharts
        charts={CHARTS}
        times={list.map(({ at }) => at)}
        span={PULSE * 1000}
        of={(pick) => list.map(pick)}
      />
    </div>
  );
}
