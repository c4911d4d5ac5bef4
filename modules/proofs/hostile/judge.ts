// Judge: whether what has come of a hostile value on one executor is what must come of it.

import assert from "node:assert/strict";
import type { SubjectTraits } from "../../testing/subject.ts";
import { touch } from "./kind.ts";
import { fateOfMove, makeMove } from "./lists.ts";
import { portrait } from "./portrait.ts";
import { acceptable, fateOf, makeValue, mayRefuse } from "./recipe.ts";

/** Knows what an executor can carry. */
export class Judge {
  readonly #traits: SubjectTraits;

  constructor(traits: SubjectTraits) {
    this.#traits = traits;
  }

  /** Whether values are copied: else every one arrives. */
  get clones(): boolean {
    return this.#traits.clones;
  }

  /** Whether a value may be refused. */
  mayRefuse(recipe: string): boolean {
    return mayRefuse(recipe, this.#traits.processes);
  }

  /** What must come of something that is to be moved. */
  fateOfMove(recipe: string): ReturnType<typeof fateOfMove> {
    const fate = fateOfMove(recipe);
    // Nothing is moved, and nothing looked at, where values pass as they are.
    return this.clones ? fate : "either";
  }

  /** It arrived: as one of the portraits it may have. */
  async mustAccept(recipe: string, drawn: string): Promise<void> {
    if (fateOf(recipe) === "cloned" && this.isToldInWords(recipe, drawn)) return;
    const own = touch.by;
    touch.by = undefined;
    const good = this.clones
      ? await acceptable(recipe, this.#traits.processes)
      : [await portrait(makeValue(recipe))];
    touch.by = own;
    assert.ok(
      good.includes(drawn),
      `it arrived as ${drawn.slice(0, 300)}, not as ${good.join(" or ").slice(0, 600) || "nothing"}`,
    );
  }

  /** In a report, and in an error, what cannot cross is said in words: (a Blob, which cannot cross to a process). */
  isToldInWords(recipe: string, drawn: string): boolean {
    const isTold = /"(\([^"]+\)|Symbol\([^"]*\))"/.test(drawn);
    return isTold && this.clones && this.mayRefuse(recipe);
  }

  /** It was refused: so it may be, and for what it is. */
  mustRefuse(recipe: string, error: unknown, isResult = false): void {
    const mayFail = this.clones
      ? this.mayRefuse(recipe)
      : // Whoever returns it awaits it; a generator is for stream().
        isResult && /then|proxy|revoked|trap|prototype|false-brand|generator/.test(recipe);
    assert.ok(mayFail, `it was refused: ${tell(error)}`);
    if (/undefined-thrower/.test(recipe) && error === undefined) return;
    assertNamed(error);
  }

  /** Holds against what was refused that nothing of it is gone, where the platform itself would have kept it. */
  mustKeep(recipe: string, buffers: readonly ArrayBuffer[]): void {
    // Not where the platform itself takes first and refuses then.
    if (!this.#traits.processes && !isKeptByPlatform(recipe)) return;
    for (const { byteLength } of buffers)
      assert.ok(byteLength > 0, "what was refused is still here");
  }
}

/** Whether what structured clone refuses to move is still here afterwards. */
function isKeptByPlatform(recipe: string): boolean {
  const { value, list, buffers = [] } = makeMove(recipe);
  try {
    structuredClone(value, {
      transfer: (typeof list === "function" ? list() : list) as ArrayBuffer[],
    });
  } catch {
    // That was to be seen.
  }
  return buffers.every(({ byteLength }) => byteLength > 0);
}

/** What may be said of a value that does not cross: by the platform, by this library, or by the value itself. */
export function assertNamed(error: unknown): void {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "nothing";
  const names = ["DataCloneError", "TypeError", "RangeError", "HostileError"];
  assert.ok(names.includes(name) || error === undefined, `it failed by ${tell(error)}`);
}

/** An error in words. */
export function tell(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error).slice(0, 200);
  } catch {
    return "what cannot be shown";
  }
}
