// JobPanel: everything about one job, beside the view it was opened from, live while it runs.

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { ErrorView, JobDetail, JobMoment, Mark, OutputLine } from "../../contract.ts";
import { fetchJob, Refusal } from "../api.ts";
import { kindTitle } from "../catalogue.ts";
import { count, counted, duration, size, timeOfDay } from "../format.ts";
import { endOf, isOver, ranFor, waitedFor } from "../job_times.ts";
import { kindColour } from "../kind_colour.ts";
import { onRows } from "../live.ts";
import { isLocal, local } from "../local.ts";
import { reasonOf } from "../notices.ts";
import { Icon } from "../parts/icon.tsx";
import { JobActions } from "../parts/job_actions.tsx";
import { JsonTree } from "../parts/json_tree.tsx";
import { isPixels, Picture, Pixels } from "../parts/picture.tsx";
import { Records } from "../parts/records.tsx";
import { StateBadge } from "../parts/state_badge.tsx";
import { Waterfall } from "../parts/waterfall.tsx";
import { addressOf, closePanel, openPanel } from "../route.ts";

/** A job that changes all the time is asked for this often. */
const AGAIN_MS = 200;

export function JobPanel({ id }: { id: string }) {
  const job = useSignal<JobDetail | undefined>(undefined);
  const gone = useSignal<string | undefined>(undefined);
  const panel = useRef<HTMLElement>(null);

  useEffect(() => {
    let stopped = false;
    let busy = false;
    let again = false;
    async function load(): Promise<void> {
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      try {
        job.value = local()?.detail(id) ?? (await fetchJob(id));
        gone.value = undefined;
      } catch (error) {
        if (error instanceof Refusal && error.problem.status === 404) {
          gone.value = "This job is not known any more: the oldest jobs are forgotten.";
        } else gone.value = reasonOf(error);
      }
      setTimeout(() => {
        busy = false;
        if (again && !stopped) load();
        again = false;
      }, AGAIN_MS);
    }
    load();
    const forget = onRows((rows, more) => {
      const known = job.peek();
      const settled = known !== undefined && isOver(known);
      const mine = rows === undefined || rows.some((row) => row.id === id);
      // Of very many changes not all rows are sent, so one that is under way may be among the others.
      if (mine || (more > 0 && !settled)) load();
    });
    return () => {
      stopped = true;
      forget();
    };
  }, []);

  // Before it is seen, so that the first key is heard.
  useLayoutEffect(() => {
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    function onKeyDown(event: KeyboardEvent): void {
      if (event.key === "Escape" && !document.querySelector("dialog[open]")) closePanel();
    }
    addEventListener("keydown", onKeyDown);
    return () => {
      removeEventListener("keydown", onKeyDown);
      if (before instanceof HTMLElement && before.isConnected)
        before.focus({ preventScroll: true });
    };
  }, []);

  const shown = job.value;
  return (
    <aside class="job-panel" ref={panel} tabIndex={-1} aria-label="A job">
      <button
        type="button"
        class="square quiet-button job-panel-close"
        onClick={closePanel}
        aria-label="Close the job"
      >
        <Icon name="close" />
      </button>
      {shown === undefined ? (
        <p class="quiet">{gone.value ?? "Loading"}</p>
      ) : (
        <>
          {gone.value && <p class="banner">{gone.value}</p>}
          <Content job={shown} />
        </>
      )}
    </aside>
  );
}

function Content({ job }: { job: JobDetail }) {
  return (
    <>
      <header>
        <h2>
          <span class="swatch" style={{ background: kindColour(job.kind) }} />
          {kindTitle(job.kind)} <span class="quiet">#{job.number}</span>
        </h2>
        <div class="job-line">
          <StateBadge state={job.state} reason={job.reason} />
          {job.state === "running" && job.progress && (
            <>
              <progress max={1} value={job.progress.fraction} aria-label="Progress" />
              <span class="quiet">{job.progress.detail ?? percent(job.progress.fraction)}</span>
            </>
          )}
        </div>
        <div class="job-actions">
          <JobActions job={job} named={true} />
        </div>
      </header>
      <Facts job={job} />
      <section>
        <h3>Times</h3>
        <Waterfall job={job} />
        <Moments moments={job.moments} />
      </section>
      {job.marks.length > 0 && <Marks job={job} />}
      {job.error && (
        <section>
          <h3>Error</h3>
          <ErrorChain error={job.error} depth={0} host={isLocal(job) ? "page" : "server"} />
        </section>
      )}
      {job.state === "finished" && <Result job={job} />}
      <section>
        <h3>Arguments</h3>
        {Object.keys(job.parameters).length === 0 ? (
          <p class="quiet">None{job.file ? ", beside the file" : ""}.</p>
        ) : (
          <JsonTree value={job.parameters} label="Arguments" />
        )}
      </section>
      <Output lines={job.output} cut={job.outputCut} active={!isOver(job)} />
    </>
  );
}

function Facts({ job }: { job: JobDetail }) {
  const { submittedAt, worker, options } = job;
  const facts: [string, preact.ComponentChildren][] = [
    ["Waited", waitedFor(job)],
    ["Ran", ranFor(job)],
    ["Executor", <a href={addressOf("jobs", { executor: job.executor })}>{job.executor}</a>],
    [
      "Worker",
      worker ? (
        <a href={addressOf("jobs", { executor: job.executor, worker: String(worker.id) })}>
          {worker.name}
        </a>
      ) : (
        "–"
      ),
    ],
    ["Submitted", timeOfDay(submittedAt)],
    ["Starts", count(job.attempts)],
  ];
  if (job.file) facts.push(["File", `${job.file.name}, ${size(job.file.bytes)}`]);
  if (options.priority) facts.push(["Priority", String(options.priority)]);
  if (options.timeout) facts.push(["Timeout", duration(options.timeout)]);
  if (options.retries) facts.push(["Retries", String(options.retries)]);
  if (job.group !== null) facts.push(["Group", String(job.group)]);
  if (job.batch) {
    facts.push(["Batch", <a href={addressOf("jobs", { batch: job.batch })}>its jobs</a>]);
  }
  if (job.againOf !== null) {
    const id = job.againOf;
    facts.push([
      "Runs again",
      <button type="button" class="link" onClick={() => openPanel(id)}>
        the earlier job
      </button>,
    ]);
  }
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What it waited for and held, as the marks on its bar. */
function Marks({ job }: { job: JobDetail }) {
  const end = endOf(job);
  return (
    <section aria-label="Locks">
      <h3>Locks</h3>
      <ol class="marks">
        {job.marks.map(([what, of, from, to], i) => (
          <li key={i}>
            <span class={`swatch swatch-${what}`} />
            <strong>{of}</strong>
            <span class="quiet">
              {verbOf(what, to === null && !isOver(job))}
              {end !== undefined && ` for ${duration((to ?? end) - from)}`}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function verbOf(what: Mark[0], goesOn: boolean): string {
  if (what === "waits") return goesOn ? "has waited" : "waited";
  return goesOn ? "has held it" : "held it";
}

function Moments({ moments }: { moments: readonly JobMoment[] }) {
  const first = moments[0]?.at ?? 0;
  return (
    <details class="moments">
      <summary>{counted(moments.length, "step")}</summary>
      <ol>
        {moments.map((moment, i) => (
          <li key={i}>
            <span class="time">+{duration(moment.at - first)}</span>
            <strong>{moment.what}</strong>
            <span class="quiet">
              {[
                moment.worker && `on ${moment.worker.name}`,
                moment.fraction !== null && percent(moment.fraction),
                moment.detail,
              ]
                .filter(Boolean)
                .join(", ")}
            </span>
          </li>
        ))}
      </ol>
    </details>
  );
}

function Result({ job }: { job: JobDetail }) {
  return (
    <section>
      <h3>Result</h3>
      {job.summary && <p class="summary">{job.summary}</p>}
      {job.picture && (
        <Picture picture={job.picture} title={`${kindTitle(job.kind)} ${job.number}`} />
      )}
      <Records result={job.result} />
      {typeof job.result === "string" ? (
        <pre class="text-result">{job.result}</pre>
      ) : isPixels(job.result) ? (
        <Pixels pixels={job.result} title={`${kindTitle(job.kind)} ${job.number}`} />
      ) : (
        <JsonTree value={job.result} label="Result" />
      )}
    </section>
  );
}

function ErrorChain({
  error,
  depth,
  host,
}: {
  error: ErrorView;
  depth: number;
  host: "page" | "server";
}) {
  return (
    <div class="error" data-cause={depth > 0}>
      <p class="error-head">
        {depth > 0 && <span class="quiet">caused by </span>}
        <strong>{error.name}</strong>
        {error.code !== null && <code class="tag">{error.code}</code>}
      </p>
      <p class="error-message">{error.message || <span class="quiet">(no message)</span>}</p>
      {error.workerStack && (
        <details open={depth === 0}>
          <summary>Where it was thrown, in the worker</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre tabIndex={0}>{error.workerStack}</pre>
        </details>
      )}
      {error.stack && (
        <details>
          <summary>{`Stack in the ${host}`}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre tabIndex={0}>{error.stack}</pre>
        </details>
      )}
      {error.cause && <ErrorChain error={error.cause} depth={depth + 1} host={host} />}
    </div>
  );
}

function Output({
  lines,
  cut,
  active,
}: {
  lines: readonly OutputLine[];
  cut: boolean;
  active: boolean;
}) {
  return (
    <section>
      <h3>Console</h3>
      {lines.length === 0 ? (
        <p class="quiet">{active ? "It has printed nothing so far." : "It printed nothing."}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keyboard
        <ol class="output" aria-label="Console" tabIndex={0}>
          {lines.map(({ at, level, text }, i) => (
            <li key={i} data-level={level}>
              <span class="time">{timeOfDay(at)}</span>
              <span class="level">{level}</span>
              <span class="output-text">{text}</span>
            </li>
          ))}
        </ol>
      )}
      {cut && <p class="hint">It printed more; the rest was not kept.</p>}
    </section>
  );
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}
