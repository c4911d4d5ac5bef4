// What the playground adds to the palette: each kind to submit, each sample, the race, each experiment, the tour.

import type { Command } from "../../../modules/dashboard/page/additions.ts";
import { can, executors, showBegun, trial } from "../../../modules/dashboard/page/live.ts";
import { attempt } from "../../../modules/dashboard/page/notices.ts";
import { goTo } from "../../../modules/dashboard/page/route.ts";
import { submit, tryExperiment } from "./api.ts";
import { experiments, kinds } from "./catalogue.ts";
import { race, stop } from "./race/race.ts";
import { sampleLoads } from "./samples.ts";
import { beginTour } from "./tour.tsx";

export function playgroundCommands(): readonly Command[] {
  if (!can("submit")) return [];
  return [
    {
      title: "Start the race",
      run() {
        goTo("live");
        void race();
      },
    },
    { title: "Stop the race", run: stop },
    { title: "Take the tour", run: beginTour },
    ...kinds.value.map(({ name, title }) => ({
      title: `Submit: ${title}`,
      run: () => goTo("submit", { kind: name }),
    })),
    ...executors.value.flatMap((executor) =>
      sampleLoads(executor).map(({ load, body }) => ({
        title: `Run ${load.title} on ${executor.name}`,
        run: () => void attempt(() => submit(body)),
      })),
    ),
    ...experiments.value.flatMap(({ name, title, executors: where }) =>
      where.map((executor) => ({
        title: `Break it: ${title} on ${executor}`,
        run() {
          goTo("break");
          void attempt(async () => {
            showBegun(trial, (await tryExperiment(name, executor)).trial);
          });
        },
      })),
    ),
  ];
}

export const PLAYGROUND_KEYS = [
  {
    where: "In the picture of the race",
    keys: [
      ["← → ↑ ↓", "choose a tile"],
      ["Enter", "look closer at it"],
      ["Backspace", "step back"],
    ],
  },
] as const;
