// ExecutorChoice: which executor something is for, with what each of them is and does now.

import { useId } from "preact/hooks";
import { count } from "../format.ts";
import { executors } from "../live.ts";

export function ExecutorChoice({
  label,
  value,
  allowed,
  whyNot,
  onChoose,
}: {
  label: string;
  value: string | undefined;
  /** Where it may run. */
  allowed: readonly string[];
  /** What to say of the others. */
  whyNot: string;
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
                  : `${type}, ${count(stats.busy)} of ${count(maxWorkers ?? stats.workers)} busy`}
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
