// Layers: what stands between a submitted call and the engine that runs it. A call may wait there, or be given an outcome that
// is known already. What they are made of is in wrappers/.

import type { MapOptions, MapResults } from "../executor.ts";
import type { Future } from "../future.ts";
import type { KeyOfCall } from "../key.ts";
import type { Progress } from "../worker_identity.ts";
import type { Terms } from "./work.ts";
import type { WorkOwner } from "./work_owner.ts";

/** A call that was submitted and that no engine has: it is held by its layers. */
export interface HeldWork {
  readonly terms: Terms;
  readonly future: Future<unknown>;
  /** How many of its calls wait: 1, or 0 once it is settled. */
  readonly waiting: number;
  pushArgs(index: 0, list: unknown[]): number;
  succeed(index: 0, value: unknown): void;
  fail(index: 0, error: unknown): void;
  progressed(index: 0, progress: Progress): void;
}

/** The layers of a task. */
export interface Layers {
  /** Takes a call that was submitted. `goOn` hands it to the engine, at most once, now or later. Never throws. */
  enter(work: HeldWork, goOn: () => void): void;
  /** Maps the task: each element is a call of its own. Its options are checked. */
  map<M>(
    owner: WorkOwner,
    terms: Terms,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    spread: boolean,
    options: MapOptions<boolean>,
    trace: string | undefined,
    keyOf: KeyOfCall | undefined,
  ): MapResults<M>;
  /** Throws where such calls cannot have many results. */
  assertStream(name: string): void;
}

/** The layers of a task, if it has any. */
export function layersOf(terms: Terms): Layers | undefined {
  return terms.layers as Layers | undefined;
}
