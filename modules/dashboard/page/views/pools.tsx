// Pools: each executor with its workers, and what may be changed about it while it runs.

import type { ExecutorView, WorkerView } from "../../contract.ts";
import { additions } from "../additions.ts";
import { endWorker, resize, setPaused, warm } from "../api.ts";
import { clock } from "../clock.ts";
import { connection } from "../connection.ts";
import { count, counted, duration, rate } from "../format.ts";
import { can, executors, samples, server, storage, workers } from "../live.ts";
import { attempt, say } from "../notices.ts";
import { Empty } from "../parts/empty.tsx";
import { Icon } from "../parts/icon.tsx";
import { QueueFigures } from "../parts/queue_figures.tsx";
import { SampleCharts, THROUGHPUT } from "../parts/sample_charts.tsx";
import { useWanted } from "../parts/use_wanted.ts";
import { addressOf } from "../route.ts";

const MOST_WORKERS = 64;

/** Figures of this moment; the others only grow, so they were true. */
const NOW: ReadonlySet<string> = new Set(["queued", "running"]);

/** Seconds of the small charts. */
const PULSE = 120;

export function Pools() {
  return (
    <>
      <h1>Pools</h1>
      <div class="pools fills">
        {executors.value.map((executor) => (
          <Pool
            key={executor.name}
            executor={executor}
            alive={workers.value.filter((worker) => worker.executor === executor.name)}
          />
        ))}
      </div>
      <Server />
    </>
  );
}

/** Two minutes of an executor. */
function Pulse({ name }: { name: string }) {
  const list = (samples.value.get(name) ?? []).slice(-PULSE);
  if (list.length === 0) return null;
  return (
    <SampleCharts
      charts={[THROUGHPUT]}
      times={list.map(({ at }) => at)}
      span={PULSE * 1000}
      of={(pick) => list.map(pick)}
    />
  );
}

function Pool({ executor, alive }: { executor: ExecutorView; alive: readonly WorkerView[] }) {
  const { name, type, stats, intake, paused, maxWorkers } = executor;
  const control = can("control");
  const { poolActions: More } = additions();
  const isLost = connection.value === "lost";
  return (
    <article class="panel pool" aria-label={name}>
      <header>
        <h2>{name}</h2>
        <span class="quiet">{type}</span>
        {limitsOf(executor).map((words) => (
          <span key={words} class="tag">
            {words}
          </span>
        ))}
        {paused && <span class="tag tag-warning">begins nothing</span>}
        {intake === "paused" && <span class="tag tag-warning">refuses new jobs</span>}
      </header>
      <dl class="pool-figures">
        {(
          [
            ["queued", stats.queued],
            ["running", stats.running],
            ["finished", stats.finished],
            ["failed", stats.failed],
            ["cancelled", stats.cancelled],
            ["workers lost", stats.lost],
            ["abandoned", stats.abandoned],
          ] as const
        ).map(([what, n]) => (
          <div key={what} data-none={n === 0}>
            <dt>{what}</dt>
            <dd>{isLost && NOW.has(what) ? "–" : count(n)}</dd>
          </div>
        ))}
        <div>
          <dt>utilisation</dt>
          <dd>{isLost ? "–" : `${Math.round(stats.utilisation * 100)} %`}</dd>
        </div>
      </dl>
      {stats.queue && <QueueFigures queue={stats.queue} isLost={isLost} />}
      {control && (
        <div class="pool-control">
          {executor.canResize && maxWorkers !== null && <Size name={name} now={maxWorkers} />}
          <Pause name={name} now={paused} />
          {More && <More executor={executor} />}
          {executor.canEndWorkers && <Warm name={name} />}
        </div>
      )}
      <Pulse name={name} />
      <h3>
        Workers <span class="quiet">{count(alive.length)}</span>
      </h3>
      {alive.length === 0 ? (
        <Empty title="No worker is running">
          Workers start when there are jobs,{" "}
          {maxWorkers === null ? "as many as needed" : `at most ${maxWorkers}`}.
        </Empty>
      ) : (
        <ul class="workers">
          {alive.map((worker) => (
            <Worker key={worker.id} worker={worker} canEnd={control && executor.canEndWorkers} />
          ))}
        </ul>
      )}
    </article>
  );
}

function Size({ name, now }: { name: string; now: number }) {
  const [shown, want] = useWanted(now, async (wanted) => {
    const { executor } = await resize(name, wanted);
    say(`${name} now has at most ${executor.maxWorkers} workers`);
  });
  const change = (by: number) => want((most) => Math.min(MOST_WORKERS, Math.max(1, most + by)));
  return (
    <div class="stepper" role="group" aria-label={`Most workers of ${name}`}>
      <button
        type="button"
        class="square"
        disabled={shown <= 1}
        onClick={() => change(-1)}
        aria-label="One worker fewer"
      >
        <Icon name="minus" />
      </button>
      <output>
        <strong>{shown}</strong> workers at most
      </output>
      <button
        type="button"
        class="square"
        disabled={shown >= MOST_WORKERS}
        onClick={() => change(1)}
        aria-label="One worker more"
      >
        <Icon name="plus" />
      </button>
    </div>
  );
}

/** Says what limits it beside its workers. */
function limitsOf({ limits: { perKey, rate: rhythm } = {} }: ExecutorView): string[] {
  return [
    ...(perKey ? [`${count(perKey.maxRunning)} of one key at once`] : []),
    ...(rhythm ? [`begins ${rate(rhythm.limit, rhythm.per)}`] : []),
  ];
}

/** Starts workers before there is work for them. */
function Warm({ name }: { name: string }) {
  const start = async () => {
    const { executor } = await warm(name);
    say(`${name} is warm: ${counted(executor.stats.workers, "worker")}`);
  };
  return (
    <button type="button" onClick={() => attempt(start)}>
      <Icon name="play" />
      Warm up
    </button>
  );
}

function Pause({ name, now }: { name: string; now: boolean }) {
  const [paused, want] = useWanted(now, (wanted) => setPaused(name, wanted));
  return (
    <button type="button" aria-pressed={paused} onClick={() => want((is) => !is)}>
      <Icon name={paused ? "play" : "pause"} />
      {paused ? "Resume" : "Pause"}
    </button>
  );
}

function Worker({ worker, canEnd }: { worker: WorkerView; canEnd: boolean }) {
  const { executor, id, name, startedAt } = worker;
  return (
    <li>
      <a href={addressOf("jobs", { executor, worker: String(id) })}>{name}</a>
      <span class="quiet">for {duration(Math.max(0, clock.value - startedAt))}</span>
      {canEnd && (
        <button
          type="button"
          class="small danger-quiet"
          onClick={() => attempt(() => endWorker(executor, id))}
          aria-label={`End ${name}`}
        >
          End
        </button>
      )}
    </li>
  );
}

/** What serves this page, and what it keeps. */
function Server() {
  const view = server.value;
  if (view === undefined) return null;
  const kept = storage.value;
  return (
    <section class="panel server">
      <h2>Server</h2>
      <dl class="facts">
        <div>
          <dt>Runs on</dt>
          <dd>{view.runtime}</dd>
        </div>
        <div>
          <dt>Version</dt>
          <dd>{view.version}</dd>
        </div>
        <div>
          <dt>History</dt>
          <dd>
            {`${kept?.kind === "file" ? `in ${kept.path}` : "in memory only"}, the last ${count(view.limits.kept)} jobs`}
          </dd>
        </div>
        <div>
          <dt>For other tools</dt>
          <dd class="links">
            <a href="api/trace" download="trace.json">
              <Icon name="download" />
              Trace for Perfetto
            </a>
            <a href="metrics">Metrics</a>
            <a href="api/docs">API</a>
          </dd>
        </div>
      </dl>
    </section>
  );
}
