// The envelope: what is said of a job beside its kind's own parameters, as typed and as read.

import { count } from "../../../modules/dashboard/page/format.ts";

/** What stands in the fields, as typed. */
export type Envelope = Readonly<Record<"count" | "priority" | "timeout" | "retries", string>>;

export interface EnvelopeRead {
  readonly values: Readonly<Partial<Record<keyof Envelope, number>>>;
  /** What is wrong, by field. */
  readonly wrong: ReadonlyMap<string, string>;
}

/** Which whole numbers a field takes, and whether it may be left empty. */
const LIMITS: Record<keyof Envelope, { min: number; max: number; may: boolean }> = {
  count: { min: 1, max: 10_000, may: false },
  priority: { min: -100, max: 100, may: true },
  timeout: { min: 1, max: 600_000, may: true },
  retries: { min: 0, max: 5, may: true },
};

export const PLAIN_ENVELOPE: Envelope = { count: "1", priority: "", timeout: "", retries: "" };

export function limitsOfEnvelope(name: keyof Envelope): { min: number; max: number } {
  return LIMITS[name];
}

/** The envelope that an earlier job had; it is run once again. */
export function envelopeOf(options: Partial<Record<keyof Envelope, number | undefined>>): Envelope {
  const typed = (value: number | undefined) => (value === undefined ? "" : String(value));
  return {
    count: "1",
    priority: typed(options.priority),
    timeout: typed(options.timeout),
    retries: typed(options.retries),
  };
}

/** Reads all fields. The server checks again; this only says it earlier. */
export function readEnvelope(typed: Envelope): EnvelopeRead {
  const values: Partial<Record<keyof Envelope, number>> = {};
  const wrong = new Map<string, string>();
  for (const name of Object.keys(LIMITS) as (keyof Envelope)[]) {
    const { min, max, may } = LIMITS[name];
    const text = typed[name].trim();
    if (text === "" && may) continue;
    const number = Number(text);
    if (text !== "" && Number.isInteger(number) && number >= min && number <= max) {
      values[name] = number;
    } else wrong.set(name, `must be a whole number from ${count(min)} to ${count(max)}`);
  }
  return { values, wrong };
}
