// Break it: experiments that go wrong on purpose. Each says what to expect, and then shows what happened.

import { useSignal } from "@preact/signals";
import type { Trial } from "../../../../modules/dashboard/contract.ts";
import { duration } from "../../../../modules/dashboard/page/format.ts";
import { Lanes } from "../../../../modules/dashboard/page/lanes/lanes.tsx";
import { showBegun, trial } from "../../../../modules/dashboard/page/live.ts";
import { complain } from "../../../../modules/dashboard/page/notices.ts";
import { Empty } from "../../../../modules/dashboard/page/parts/empty.tsx";
import { Icon } from "../../../../modules/dashboard/page/parts/icon.tsx";
import { addressOf, openPanel } from "../../../../modules/dashboard/page/route.ts";
import type { ExperimentView } from "../../contract.ts";
import { tryExperiment } from "../api.ts";
import { experiments } from "../catalogue.ts";

export function BreakIt() {
  // The last trial of each, so that one can be held against the other.
  const trials = useSignal<ReadonlyMap<string, Trial>>(new Map());
  const latest = trial.value;
  if (latest && trials.peek().get(latest.experiment) !== latest) {
    trials.value = new Map(trials.peek()).set(latest.experiment, latest);
  }
  return (
    <>
      <div class="break-head">
        <h1>Break it</h1>
        <p class="quiet">
          Each of these goes wrong on purpose. One failure costs one job: the workers, the queue and
          this page go on. Watch the lanes below.
        </p>
      </div>
      {experiments.value.length === 0 && <Empty title="No experiment">This server has none.</Empty>}
      <ul class="experiments">
        {experiments.value.map((experiment) => (
          <Experiment
            key={experiment.name}
            experiment={experiment}
            trial={trials.value.get(experiment.name)}
          />
        ))}
      </ul>
      <section class="panel trial" aria-label="What happened" role="status">
        {latest ? (
          <Outcome
            trial={latest}
            title={experiments.value.find(({ name }) => name === latest.experiment)?.title}
          />
        ) : (
          <Empty title="Nothing is broken yet">
            Choose an executor under one of the experiments. What happened, and how long it took to
            recover, is told here.
          </Empty>
        )}
      </section>
      <Lanes />
    </>
  );
}

function Experiment({
  experiment: { name, title, expect, executors },
  trial: made,
}: {
  experiment: ExperimentView;
  trial: Trial | undefined;
}) {
  const starting = useSignal(false);
  async function start(executor: string): Promise<void> {
    starting.value = true;
    try {
      showBegun(trial, (await tryExperiment(name, executor)).trial);
    } catch (error) {
      complain(error);
    } finally {
      starting.value = false;
    }
  }
  const running = made?.state === "running";
  return (
    <li class="panel experiment" data-state={made?.state}>
      <h2>{title}</h2>
      <p>
        <span class="label">Expect</span>
        {expect}
      </p>
      <div class="experiment-buttons" role="group" aria-label={`${title} on`}>
        {executors.map((executor) => (
          <button
            key={executor}
            type="button"
            disabled={starting.value || running}
            onClick={() => start(executor)}
          >
            <Icon name="bolt" />
            {executor}
          </button>
        ))}
        {executors.length === 0 && <span class="quiet">No executor here can be asked to.</span>}
      </div>
      <p class="experiment-last">
        {made &&
          (made.state === "running"
            ? `Running on ${made.executor}`
            : `${made.executor}: over after ${time(made.tookMs)}, next job after ${time(made.recoveryMs)}`)}
      </p>
    </li>
  );
}

function Outcome({ trial: made, title }: { trial: Trial; title: string | undefined }) {
  const { happened, job, tookMs, recoveryMs, lostWorkers, newWorkers, state, executor, batch } =
    made;
  const names = (list: Trial["lostWorkers"]) => list.map(({ name }) => name).join(", ") || "none";
  return (
    <>
      <div class="trial-words">
        <h2>
          {title} <span class="quiet">on {executor}</span>
        </h2>
        <p>
          <span class="label">{state === "running" ? "Now" : "Happened"}</span>
          {happened ?? "The job is on its way"}
        </p>
        <p class="links">
          {job && (
            <button type="button" class="link" onClick={() => openPanel(job.id)}>
              The job that broke
            </button>
          )}
          <a href={addressOf("jobs", { batch })}>All its jobs</a>
        </p>
      </div>
      <dl class="trial-figures">
        <div>
          <dt>Outcome after</dt>
          <dd>{time(tookMs)}</dd>
        </div>
        <div>
          <dt>Next job ran after</dt>
          <dd>{time(recoveryMs)}</dd>
        </div>
        <div>
          <dt>Lost workers</dt>
          <dd class="trial-names">{names(lostWorkers)}</dd>
        </div>
        <div>
          <dt>New workers</dt>
          <dd class="trial-names">{names(newWorkers)}</dd>
        </div>
      </dl>
    </>
  );
}

function time(ms: number | null): string {
  return ms === null ? "…" : duration(ms);
}
