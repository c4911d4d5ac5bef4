// Field: a label, an input, what it takes, and what is wrong with it.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { KindDescription } from "../../contract.ts";
import { limitsOf, type Typed } from "../parameters.ts";

export function Field({
  label,
  hint,
  wrong,
  children,
}: {
  label: string;
  hint?: string | undefined;
  wrong?: string | undefined;
  children: (ids: {
    id: string;
    "aria-describedby": string;
    "aria-invalid": boolean;
  }) => ComponentChildren;
}) {
  const id = useId();
  return (
    <div class="field" data-wrong={wrong !== undefined}>
      <label for={id}>{label}</label>
      {children({ id, "aria-describedby": `${id}-hint`, "aria-invalid": wrong !== undefined })}
      <span class="field-hint" id={`${id}-hint`}>
        {wrong ?? hint ?? ""}
      </span>
    </div>
  );
}

/** A field for a number that may be left empty. */
export function NumberField({
  label,
  hint,
  wrong,
  value,
  placeholder,
  min,
  max,
  onInput,
}: {
  label: string;
  hint?: string;
  wrong?: string | undefined;
  value: string;
  placeholder?: string;
  min?: number;
  max?: number;
  onInput(text: string): void;
}) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(ids) => (
        <input
          {...ids}
          type="number"
          value={value}
          placeholder={placeholder}
          min={min}
          max={max}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

/** The fields of a kind's own parameters, made from its schema. */
export function ParameterFields({
  kind,
  typed,
  wrong,
  onInput,
}: {
  kind: KindDescription;
  typed: Typed;
  wrong: ReadonlyMap<string, string>;
  onInput(name: string, text: string): void;
}) {
  return (
    <>
      {Object.entries(kind.parameters).map(([name, parameter]) => (
        <Field
          key={`${kind.name} ${name}`}
          label={parameter.title}
          hint={[limitsOf(parameter), parameter.description].filter(Boolean).join(". ")}
          wrong={wrong.get(name)}
        >
          {(ids) =>
            parameter.type === "boolean" ? (
              <input
                {...ids}
                type="checkbox"
                checked={typed[name] === "true"}
                onInput={(event) => onInput(name, String(event.currentTarget.checked))}
              />
            ) : parameter.type === "string" ? (
              <input
                {...ids}
                name={name}
                type="text"
                value={typed[name]}
                onInput={(event) => onInput(name, event.currentTarget.value)}
              />
            ) : (
              <input
                {...ids}
                name={name}
                type="number"
                step={parameter.type === "integer" ? 1 : "any"}
                min={parameter.minimum}
                max={parameter.maximum}
                value={typed[name]}
                onInput={(event) => onInput(name, event.currentTarget.value)}
              />
            )
          }
        </Field>
      ))}
    </>
  );
}
