// The producer of a worker behind a channel, whose items are copied. A worker loads it with its first stream.

import { copying } from "../seam/link_items.ts";
import type { AnyFunction } from "../task.ts";
import { producerOf as producing } from "./producer.ts";

/** As `producerOf` in producer.ts. */
export function producerOf(fn: AnyFunction, ahead: number): AnyFunction {
  return producing(fn, ahead, copying);
}
