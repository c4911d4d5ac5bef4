// Intro: what this is, in one line, ten lines of code and one picture; and samples that start at one click.

import { counted } from "../../../modules/dashboard/page/format.ts";
import { can, executors, server } from "../../../modules/dashboard/page/live.ts";
import { attempt, say } from "../../../modules/dashboard/page/notices.ts";
import { Icon } from "../../../modules/dashboard/page/parts/icon.tsx";
import { ask, asked } from "../../../modules/dashboard/page/route.ts";
import { DOCUMENTATION, REPOSITORY } from "./addresses.ts";
import { submit } from "./api.ts";
import { kinds } from "./catalogue.ts";
import { Code } from "./parts/code.tsx";
import { Race } from "./race/race.tsx";
import { sampleLoads } from "./samples.ts";
import { tenLines } from "./ten_lines.ts";
import { beginTour } from "./tour.tsx";

export function Intro() {
  const isBun = /^bun/i.test(server.value?.runtime ?? "");
  return (
    <>
      <section class="hero" aria-label="What this is">
        <div class="hero-words">
          <h1>Python’s concurrent.futures, for TypeScript.</h1>
          <p class="hero-about">
            Submit functions to threads, processes or the event loop, and get a Future for each: to
            await, cancel, time out or watch. On Deno, Bun, Node and in the browser.
          </p>
        </div>
        <Race />
        <div class="hero-code">
          <Install isBun={isBun} />
          <Code label="ten_lines.ts" text={tenLines(isBun ? "bun" : "deno")} />
          <p class="hero-links">
            <button type="button" class="link" onClick={beginTour}>
              Take the tour: one minute
            </button>
            <a href={DOCUMENTATION}>Documentation</a>
            <a href={REPOSITORY}>Repository</a>
            <a href="api/docs">API of this server</a>
          </p>
        </div>
      </section>
      <Samples />
    </>
  );
}

/** The package is not published yet, which must not be passed over. */
function Install({ isBun }: { isBun: boolean }) {
  return (
    <p class="install">
      <code>{isBun ? "bun add @concurrent/futures" : "deno add jsr:@concurrent/futures"}</code>
      <span class="hint">once it is published; until then as README.md says</span>
    </p>
  );
}

function Samples() {
  const able = executors.value.filter((executor) => sampleLoads(executor).length > 0);
  const chosen = able.find(({ name }) => name === asked("executor")) ?? able[0];
  if (!can("submit") || chosen === undefined || kinds.value.length === 0) {
    return <div class="samples-bar" aria-hidden="true" />;
  }
  return (
    <section class="samples-bar" aria-label="Samples">
      <span class="samples-name">Or run on</span>
      {able.length > 1 && (
        <div class="segments" role="group" aria-label="Executor of the samples">
          {able.map(({ name }) => (
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
      <ul class="loads">
        {sampleLoads(chosen).map(({ load, body }) => (
          <li key={load.name}>
            <button
              type="button"
              class="load"
              title={load.about}
              onClick={() =>
                attempt(async () => {
                  const { count: total } = await submit(body);
                  say(`Submitted ${counted(total, "job")} to ${chosen.name}`);
                })
              }
            >
              <Icon name="play" />
              {load.title}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
