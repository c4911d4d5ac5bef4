// recipe: the name of a hostile value, from which anybody makes an equal one — a kind, a seed, and what it is wrapped in.

import { seeded } from "../../testing/seeded.ts";
import type { Fate } from "./kind.ts";
import { KINDS } from "./kinds.ts";
import { portrait } from "./portrait.ts";

/** Wraps a value into another. */
const WRAPS: Readonly<Record<string, (value: unknown) => unknown>> = {
  list: (value) => [1, value, "after"],
  field: (value) => ({ before: new Uint8Array(3), value, after: "x" }),
  instance: (value) => Object.assign(new (class Holder {})(), { value }),
  mapped: (value) => new Map([["key", value]]),
  key: (value) => new Map([[value, 1]]),
  member: (value) => new Set([0, value]),
  given: (value) => ({
    get value() {
      return value;
    },
  }),
  twice: (value) => [value, { value }],
  cause: (value) => new RangeError("with a cause", { cause: value }),
};
const WRAP_NAMES = Object.keys(WRAPS);
const KIND_NAMES = Object.keys(KINDS).filter(
  (name) => KINDS[name]?.make(seeded(1)) !== undefined || name === "nothing",
);

/** The kinds that this platform has. */
export const kindNames: readonly string[] = KIND_NAMES;

/** Draws a recipe: `kind:seed:wrap:wrap`. */
export function drawRecipe(random: () => number, kinds: readonly string[] = KIND_NAMES): string {
  const kind = kinds[Math.floor(random() * kinds.length)];
  const parts = [kind, Math.floor(random() * 2 ** 31)];
  while (random() < 0.3) parts.push(WRAP_NAMES[Math.floor(random() * WRAP_NAMES.length)]);
  return parts.join(":");
}

/** Makes the value. */
export function makeValue(recipe: string): unknown {
  const [kind = "", seed, ...wraps] = recipe.split(":");
  let value = KINDS[kind]?.make(seeded(Number(seed)));
  for (const wrap of wraps) value = WRAPS[wrap]?.(value);
  return value;
}

/** What must come of it. */
export function fateOf(recipe: string): Fate {
  const [kind = "", , ...wraps] = recipe.split(":");
  const fate = KINDS[kind]?.fate ?? "refused";
  // A runtime's own clone of an error may leave its cause behind, and what is wrong with it.
  return wraps.includes("cause") ? "cloned" : fate;
}

/** The portraits of all that may arrive of it, on an executor that copies. Empty where nothing may. */
export async function acceptable(recipe: string, isProcess: boolean): Promise<string[]> {
  const fate = fateOf(recipe);
  if (fate === "refused" || (fate === "shared" && isProcess)) return [];
  const whole = await portrait(makeValue(recipe));
  if (fate !== "cloned") return [whole];
  try {
    return [whole, await portrait(structuredClone(makeValue(recipe)))];
  } catch {
    return [whole];
  }
}

/** Whether it may be refused. */
export function mayRefuse(recipe: string, isProcess: boolean): boolean {
  const fate = fateOf(recipe);
  return fate === "shared" ? isProcess : fate !== "whole";
}
