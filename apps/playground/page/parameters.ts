// Parameters: what a reader typed into a form, read by the kind's own schema.

import { count } from "../../../modules/dashboard/page/format.ts";
import type { KindDescription, ParameterDescription } from "../contract.ts";

/** What stands in the fields, as typed. */
export type Typed = Readonly<Record<string, string>>;

export interface Read {
  readonly values: Record<string, unknown>;
  /** What is wrong, by field. */
  readonly wrong: ReadonlyMap<string, string>;
}

/** What stands in a kind's fields at first: its defaults, or the values of a sample or an earlier job. */
export function typedFrom(kind: KindDescription, values: Record<string, unknown> = {}): Typed {
  return Object.fromEntries(
    Object.entries(kind.parameters).map(([name, { default: normal }]) => [
      name,
      String(Object.hasOwn(values, name) ? values[name] : normal),
    ]),
  );
}

/** Reads all fields of a kind. The server checks again; this only says it earlier. */
export function readTyped(kind: KindDescription, typed: Typed): Read {
  const values = new Map<string, unknown>();
  const wrong = new Map<string, string>();
  for (const [name, parameter] of Object.entries(kind.parameters)) {
    const text = typed[name] ?? "";
    const problem = problemOf(parameter, text);
    if (problem === undefined) values.set(name, parsed(parameter, text));
    else wrong.set(name, problem);
  }
  return { values: Object.fromEntries(values), wrong };
}

/** Says what a field takes: "2 to 200,000,000 ms". */
export function limitsOf({
  type,
  minimum,
  maximum,
  maxLength,
  unit,
}: ParameterDescription): string {
  if (type === "string") {
    return maxLength === undefined ? "text" : `text, at most ${count(maxLength)} characters`;
  }
  if (type === "boolean") return "";
  const whole = type === "integer" ? "whole number" : "number";
  const range =
    minimum !== undefined && maximum !== undefined
      ? `${figure(minimum)} to ${figure(maximum)}`
      : minimum !== undefined
        ? `at least ${figure(minimum)}`
        : maximum !== undefined
          ? `at most ${figure(maximum)}`
          : whole;
  return unit === undefined ? range : `${range} ${unit}`;
}

function problemOf(parameter: ParameterDescription, text: string): string | undefined {
  const { type, minimum, maximum, maxLength } = parameter;
  if (type === "boolean") return undefined;
  if (type === "string") {
    return maxLength !== undefined && text.length > maxLength
      ? `${count(text.length - maxLength)} characters too many`
      : undefined;
  }
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number)) return "must be a number";
  if (type === "integer" && !Number.isInteger(number)) return "must be a whole number";
  if (minimum !== undefined && number < minimum) return `must be at least ${figure(minimum)}`;
  if (maximum !== undefined && number > maximum) return `must be at most ${figure(maximum)}`;
  return undefined;
}

function parsed({ type }: ParameterDescription, text: string): unknown {
  if (type === "string") return text;
  return type === "boolean" ? text === "true" : Number(text);
}

function figure(n: number): string {
  return Math.abs(n) < 0.001 && n !== 0 ? String(n) : count(n);
}
