// JobsHere: the jobs of a batch that ran in this page, each with its result, its error and what it printed.

import type { ErrorView } from "../../../../modules/dashboard/contract.ts";
import { count, counted, duration, timeOfDay } from "../../../../modules/dashboard/page/format.ts";
import { JsonTree } from "../../../../modules/dashboard/page/parts/json_tree.tsx";
import { isPixels, Pixels } from "../../../../modules/dashboard/page/parts/picture.tsx";
import { StateBadge } from "../../../../modules/dashboard/page/parts/state_badge.tsx";
import { type BatchHere, changes, type JobHere, timesOf, workersHere } from "../here/jobs_here.ts";
import { lineIn } from "../here/typed_code.ts";

/** Jobs of one batch that are drawn; those that did not finish come first. */
const DRAWN = 100;

export function JobsHere({ batch }: { batch: BatchHere }) {
  // Jobs are plain objects: this is what has them drawn again.
  void changes.value;
  const { jobs } = batch;
  const open = jobs.filter(({ finishedAt }) => finishedAt === undefined);
  const failed = jobs.filter(({ state }) => state === "failed");
  const rest = jobs.filter(({ state }) => state === "finished" || state === "cancelled");
  const drawn = [...failed, ...open, ...rest].slice(0, DRAWN);
  return (
    <section class="panel here" aria-label={batch.title}>
      <header>
        <h2>{batch.title}</h2>
        <p class="quiet" role="status">
          {summaryOf(batch)}
        </p>
        {open.length > 0 && (
          <button type="button" onClick={() => batch.cancel()}>
            {`Cancel ${counted(open.length, "job")}`}
          </button>
        )}
      </header>
      <ol>
        {drawn.map((job) => (
          <Row key={job.number} job={job} />
        ))}
      </ol>
      {jobs.length > drawn.length && (
        <p class="quiet">{`${count(jobs.length - drawn.length)} more are not drawn.`}</p>
      )}
    </section>
  );
}

/** How many are done, and what it was worth to run them side by side. */
function summaryOf(batch: BatchHere): string {
  const { jobs } = batch;
  const done = jobs.filter(({ finishedAt }) => finishedAt !== undefined).length;
  const { wall, work } = timesOf(batch);
  const side = `on ${counted(workersHere.value ?? 1, "worker")} of this browser`;
  if (done < jobs.length) return `${count(done)} of ${counted(jobs.length, "job")} done, ${side}`;
  const speed = wall > 0 ? `: ${(work / wall).toFixed(2)} times as fast as one after another` : "";
  return `${counted(done, "job")} in ${duration(wall)}, ${side}; ${duration(work)} of work${speed}`;
}

function Row({ job }: { job: JobHere }) {
  const { startedAt, finishedAt } = job;
  const took = startedAt !== undefined && finishedAt !== undefined && finishedAt - startedAt;
  return (
    <li data-state={job.state}>
      <p class="here-head">
        <code>{`${job.title}(${job.about})`}</code>
        <StateBadge state={job.state} reason={job.reason} />
        {job.state === "running" && <progress value={job.progress} aria-label="Progress" />}
        {took !== false && <span class="quiet">{duration(took)}</span>}
        {job.worker && <span class="quiet">{job.worker.name}</span>}
      </p>
      {job.state === "finished" &&
        (isPixels(job.result) ? (
          <Pixels pixels={job.result} title={job.title} />
        ) : (
          <JsonTree label="Result" value={job.result ?? null} />
        ))}
      {job.error && <ErrorHere error={job.error} />}
      {job.output.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keyboard
        <ol class="output" aria-label="Console" tabIndex={0}>
          {job.output.map(({ at, level, text }, i) => (
            <li key={i} data-level={level}>
              <span class="time">{timeOfDay(at)}</span>
              <span class="level">{level}</span>
              <span class="output-text">{text}</span>
            </li>
          ))}
          {job.cut && <li>What it printed beyond that is left out.</li>}
        </ol>
      )}
    </li>
  );
}

function ErrorHere({ error }: { error: ErrorView }) {
  const line = lineIn(error.stack);
  return (
    <div class="error">
      <p class="error-head">
        <strong>{error.name}</strong>
        {line !== undefined && <code class="tag">{`line ${line}`}</code>}
      </p>
      <p class="error-message">{error.message}</p>
      {error.cause && (
        <p class="quiet">{`caused by ${error.cause.name}: ${error.cause.message}`}</p>
      )}
    </div>
  );
}
