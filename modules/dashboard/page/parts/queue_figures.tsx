// How the queue of an executor is doing: its depth, who serves it, and how long this program's jobs waited for that.

import type { QueueView } from "../../contract.ts";
import { count, duration } from "../format.ts";

export function QueueFigures({ queue, isLost }: { queue: QueueView; isLost: boolean }) {
  const { waiting, delayed, running, agents, stalls, waited } = queue;
  const now = (n: number) => (isLost ? "–" : count(n));
  const figures: readonly (readonly [what: string, says: string, isNone: boolean])[] = [
    ["waiting", now(waiting), waiting === 0],
    ["delayed", now(delayed), delayed === 0],
    ["with agents", now(running), running === 0],
    ["agents", now(agents), agents === 0],
    ["stalls", count(stalls), stalls === 0],
    ...(["p50", "p95", "p99"] as const).map(
      (name) =>
        [
          `waited, ${name}`,
          waited === undefined ? "–" : duration(waited[name]),
          waited === undefined,
        ] as const,
    ),
  ];
  return (
    <>
      <h3>
        Queue <span class="quiet">with the jobs of other programs</span>
      </h3>
      <dl class="pool-figures">
        {figures.map(([what, says, isNone]) => (
          <div key={what} data-none={isNone}>
            <dt>{what}</dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
