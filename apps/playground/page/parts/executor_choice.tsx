// ExecutorChoice: which executor something is for, with what each of them is and does now.

import { useId } from "preact/hooks";
import { connection } from "../../../../modules/dashboard/page/connection.ts";
import { count } from "../../../../modules/dashboard/page/format.ts";
import { executors } from "../../../../modules/dashboard/page/live.ts";
import { workersHere } from "../here/jobs_here.ts";
import { HERE } from "../here/kinds_here.ts";

export function ExecutorChoice({
  label,
  value,
  allowed,
  whyNot,
  whyNotHere,
  onChoose,
}: {
  label: string;
  value: string | undefined;
  /** Where it may run. */
  allowed: readonly string[];
  /** What to say of the others. */
  whyNot: string;
  /** Why this page itself cannot run it; not given, where only the server's executors are to choose from. */
  whyNotHere?: string | null;
  onChoose(name: string): void;
}) {
  const group = useId();
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      {executors.value.map(({ name, type, stats, maxWorkers, intake }) => {
        const possible = allowed.includes(name);
        return (
          <label key={name} data-possible={possible}>
            <input
              type="radio"
              name={group}
              checked={name === value}
              disabled={!possible}
              onInput={() => onChoose(name)}
            />
            <span class="choice-name">{name}</span>
            <span class="choice-about">
              {!possible
                ? whyNot
                : intake === "paused"
                  ? "intake is paused"
                  : connection.value === "lost"
                    ? `${type}, not heard at the moment`
                    : `${type}, ${count(stats.busy)} of ${count(maxWorkers ?? stats.workers)} busy`}
            </span>
          </label>
        );
      })}
      {whyNotHere !== undefined && (
        <label data-possible={whyNotHere === null}>
          <input
            type="radio"
            name={group}
            checked={value === HERE}
            disabled={whyNotHere !== null}
            onInput={() => onChoose(HERE)}
          />
          <span class="choice-name">{HERE}</span>
          <span class="choice-about">
            {whyNotHere ??
              `ThreadPoolExecutor in this page${workersHere.value === undefined ? "" : `, ${count(workersHere.value)} workers`}`}
          </span>
        </label>
      )}
    </fieldset>
  );
}
