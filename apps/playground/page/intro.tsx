// Intro: what this is, and samples that start at one click, above the lanes.

import { counted } from "../../../modules/dashboard/page/format.ts";
import { can, executors } from "../../../modules/dashboard/page/live.ts";
import { attempt, say } from "../../../modules/dashboard/page/notices.ts";
import { Icon } from "../../../modules/dashboard/page/parts/icon.tsx";
import { addressOf, ask, asked } from "../../../modules/dashboard/page/route.ts";
import { submit } from "./api.ts";
import { kinds } from "./catalogue.ts";
import { sampleLoads } from "./samples.ts";

export function Intro() {
  const chosen =
    executors.value.find(({ name }) => name === asked("executor")) ?? executors.value[0];
  if (!can("submit") || chosen === undefined || kinds.value.length === 0) {
    return <h1 class="unseen">Live</h1>;
  }
  return (
    <section class="intro">
      <div class="intro-words">
        <h1>Submit jobs to an executor, and watch its workers run them.</h1>
        <p class="quiet">
          Each worker is a lane below, each job a bar. Start a sample, or{" "}
          <a href={addressOf("submit")}>submit a job of your own</a>.
        </p>
        {executors.value.length > 1 && (
          <div class="segments" role="group" aria-label="Executor of the samples">
            {executors.value.map(({ name }) => (
              <button
                key={name}
                type="button"
                aria-pressed={name === chosen.name}
                onClick={() => ask({ executor: name }, "replace")}
              >
                {name}
              </button>
            ))}
          </div>
        )}
      </div>
      <ul class="loads" aria-label="Samples">
        {sampleLoads(chosen).map(({ load, body }) => (
          <li key={load.name}>
            <button
              type="button"
              class="load"
              onClick={() =>
                attempt(async () => {
                  const { count: total } = await submit(body);
                  say(`Submitted ${counted(total, "job")} to ${chosen.name}`);
                })
              }
            >
              <span class="load-title">
                <Icon name="play" />
                {load.title}
              </span>
              <span class="load-about">{load.about}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
