// Makes the arguments of a call from an item: texts become what the function's parameters are, as far as that is known.

import type { Item } from "../input/item.ts";
import type { Kind, Parameter } from "./parameters.ts";

/**
 * Makes the arguments.
 *
 * @param isTyped Whether texts are only texts, as those of lines and tables. Values of JSON are what they are.
 * @throws {TypeError} For a text that its parameter cannot be.
 */
export function argumentsOf(
  item: Item,
  parameters: readonly Parameter[] | undefined,
  isTyped: boolean,
): unknown[] {
  if (!isTyped || parameters === undefined)
    return Array.isArray(item) && !isTyped ? [item] : asList(item);
  // Most items are lines: a million of them would feel the lists below.
  if (typeof item === "string") return [typedValue(item, parameterAt(parameters, 0))];
  if (typeof item === "object" && item !== null && !Array.isArray(item))
    return [typedRow(item as Record<string, Item>, parameters[0]?.fields)];
  return asList(item).map((value, at) => typedValue(value, parameterAt(parameters, at)));
}

/** The columns of a row without names are arguments. */
function asList(item: Item): unknown[] {
  return Array.isArray(item) ? [...item] : [item];
}

function parameterAt(parameters: readonly Parameter[], at: number): Parameter | undefined {
  const last = parameters.at(-1);
  return parameters[at] ?? (last?.isRest ? last : undefined);
}

function typedValue(value: unknown, parameter: Parameter | undefined): unknown {
  if (typeof value !== "string" || parameter === undefined) return value;
  return convert(value, parameter.kind, parameter.name);
}

function typedRow(
  row: Record<string, Item>,
  fields: Readonly<Record<string, Kind>> | undefined,
): Record<string, unknown> {
  if (fields === undefined) return row;
  const typed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row))
    typed[name] = typeof value === "string" ? convert(value, fields[name] ?? "text", name) : value;
  return typed;
}

function convert(text: string, kind: Kind, name: string): unknown {
  const value = CONVERT[kind](text);
  if (value !== undefined) return value;
  throw new TypeError(
    `Cannot use ${JSON.stringify(text)} for "${name}": expected ${EXPECTED[kind]}`,
  );
}

const EXPECTED: Record<Kind, string> = {
  number: "a number",
  boolean: "true or false",
  bigint: "a whole number",
  date: "a date",
  url: "a URL",
  json: "JSON",
  text: "a text",
};

/** Each returns undefined for what it cannot turn. */
const CONVERT: Record<Kind, (text: string) => unknown> = {
  number: (text) => {
    const number = Number(text);
    return text.trim() === "" || (Number.isNaN(number) && text !== "NaN") ? undefined : number;
  },
  boolean: (text) => ({ true: true, false: false })[text],
  bigint: (text) => (/^-?\d+$/.test(text) ? BigInt(text) : undefined),
  date: (text) => (Number.isNaN(Date.parse(text)) ? undefined : new Date(text)),
  url: (text) => URL.parse(text) ?? undefined,
  json: (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  },
  text: (text) => text,
};
