// Steps of a hostile program, as data: one seed decides them all, and any part of them is a program, too.

import { seeded } from "../../testing/seeded.ts";
import { listNames } from "./lists.ts";
import { drawRecipe } from "./recipe.ts";
import { sourceNames } from "./sources.ts";
import { thenableNames } from "./thenables.ts";

/** What is done with a hostile value. */
const DEEDS = [
  "receive",
  "receive",
  "produce",
  "produce",
  "produceLater",
  "raise",
  "raiseWith",
  "report",
  "transfer",
  "moveBack",
  "cancel",
  "signal",
  "map",
  "starmap",
  "resolve",
  "iterate",
] as const;

/** One step; its place among the steps is its number. */
export type Step =
  | { readonly deed: "plain" | "echo" }
  /** Takes an ordinary call back, if it still waits. */
  | { readonly deed: "takeBack"; readonly which: number }
  /** Lets everything come to its end. */
  | { readonly deed: "rest" }
  | {
      readonly deed: "map" | "starmap";
      readonly recipes: readonly string[];
      readonly chunkSize: number | "auto";
    }
  /** By name: a thenable as a result, a source of a map. */
  | { readonly deed: "resolve" | "iterate"; readonly name: string }
  | {
      readonly deed: Exclude<(typeof DEEDS)[number], "map" | "starmap" | "resolve" | "iterate">;
      readonly recipe: string;
    };

/** The steps of a program. */
export function drawSteps(seed: number, count: number): Step[] {
  const random = seeded(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  // Some hit hard, some rarely: each finds what the other does not.
  const share = [0.02, 0.1, 0.4][below(3)] as number;
  return Array.from({ length: count }, (): Step => {
    if (random() >= share) {
      const other = below(40);
      if (other === 0) return { deed: "rest" };
      if (other === 1) return { deed: "takeBack", which: below(20) };
      return { deed: other < 10 ? "echo" : "plain" };
    }
    const deed = DEEDS[below(DEEDS.length)] as (typeof DEEDS)[number];
    switch (deed) {
      case "map":
      case "starmap": {
        const recipes = Array.from({ length: 1 + below(8) }, () =>
          random() < 0.6 ? "number:1" : drawRecipe(random),
        );
        return { deed, recipes, chunkSize: ([1, 3, "auto"] as const)[below(3)] ?? 1 };
      }
      case "resolve":
        return { deed, name: thenableNames[below(thenableNames.length)] ?? "" };
      case "iterate":
        return { deed, name: sourceNames[below(sourceNames.length)] ?? "" };
      case "transfer":
      case "moveBack":
        return { deed, recipe: `${listNames[below(listNames.length)]}:${below(2 ** 31)}` };
      default:
        return { deed, recipe: drawRecipe(random) };
    }
  });
}

/** Every kind in every place, once, each with an ordinary call behind it. */
export function everyStep(kinds: readonly string[]): Step[] {
  const steps: Step[] = [];
  for (const name of thenableNames) steps.push({ deed: "resolve", name });
  for (const name of sourceNames) steps.push({ deed: "iterate", name });
  for (const name of listNames)
    for (const deed of ["transfer", "moveBack"] as const) steps.push({ deed, recipe: `${name}:1` });
  for (const kind of kinds) {
    const recipe = `${kind}:1`;
    for (const deed of new Set(DEEDS)) {
      if (deed === "transfer" || deed === "moveBack" || deed === "resolve" || deed === "iterate")
        continue;
      steps.push(
        deed === "map" || deed === "starmap"
          ? { deed, recipes: ["number:1", recipe, "number:2"], chunkSize: 3 }
          : { deed, recipe },
      );
    }
  }
  return steps.flatMap((step): Step[] => [step, { deed: "plain" }]);
}
