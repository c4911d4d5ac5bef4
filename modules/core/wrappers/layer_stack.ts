// LayerStack: the layers of a task, outermost first. And how a task gets one more.

import type { MapOptions, MapResults } from "../executor.ts";
import type { KeyOfCall } from "../key.ts";
import { Task, type TaskOptions } from "../task.ts";
import type { HeldWork, Layers } from "../work/layers.ts";
import { LAYERS, type Terms } from "../work/work.ts";
import type { WorkOwner } from "../work/work_owner.ts";
import { LayeredMap } from "./layered_map.ts";
import { type Layer, PassingCall } from "./passing_call.ts";

type Layered = { readonly [LAYERS]?: LayerStack };

/** The layers of one task. */
export class LayerStack implements Layers {
  readonly layers: readonly Layer[];

  constructor(layers: readonly Layer[]) {
    this.layers = layers;
  }

  enter(work: HeldWork, goOn: () => void): void {
    new PassingCall(work, this.layers, goOn).goOn();
  }

  map<M>(
    owner: WorkOwner,
    terms: Terms,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    spread: boolean,
    options: MapOptions<boolean>,
    trace: string | undefined,
    keyOf: KeyOfCall | undefined,
  ): MapResults<M> {
    return new LayeredMap<M>(owner, terms, items, spread, options, trace, keyOf).results;
  }

  assertStream(name: string): void {
    if (this.layers.every(({ takesStreams }) => takesStreams)) return;
    throw new TypeError(
      `Cannot stream task "${name}": calls that share a result have one result, and no items`,
    );
  }
}

/** The same task with one more layer around it. */
export function wrap<A extends unknown[], R, I>(task: Task<A, R, I>, layer: Layer): Task<A, R, I> {
  const within = (task.options as Layered)[LAYERS]?.layers ?? [];
  const options = { ...task.options, [LAYERS]: new LayerStack([layer, ...within]) };
  return new Task<A, R, I>(task.source, options as TaskOptions<A>);
}
