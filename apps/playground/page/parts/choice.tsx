// Choice: one of a few places to run something in, each with what is to be said of it; those that cannot be chosen, too.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface Place {
  readonly name: string;
  /** What it is and does now; or why it cannot be chosen. */
  readonly about: ComponentChildren;
  readonly possible: boolean;
}

export function Choice({
  label,
  places,
  value,
  onChoose,
}: {
  label: string;
  places: readonly Place[];
  value: string | undefined;
  onChoose(name: string): void;
}) {
  const group = useId();
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      {places.map(({ name, about, possible }) => (
        <label key={name} data-possible={possible}>
          <input
            type="radio"
            name={group}
            checked={name === value}
            disabled={!possible}
            onInput={() => onChoose(name)}
          />
          <span class="choice-name">{name}</span>
          <span class="choice-about">{about}</span>
        </label>
      ))}
    </fieldset>
  );
}
