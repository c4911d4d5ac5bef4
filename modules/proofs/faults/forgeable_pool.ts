// A pool of one worker whose messages a fault can add to.

import assert from "node:assert/strict";
import { type Executor, PoolExecutor } from "../../../mod.ts";
import type { ChannelHandlers, Spawn } from "../../core/seam/channel.ts";
import type { Fault } from "./fault.ts";
import type { FaultScene } from "./fault_scene.ts";

export const withSpawn: Fault["applies"] = ({ spawn }) =>
  spawn !== undefined || "there is no link: tasks are called directly";

/** Makes the pool; `hosts` are who hears its workers, the latest last. */
export function forgeablePool(scene: FaultScene): { pool: Executor; hosts: ChannelHandlers[] } {
  const { spawn } = scene.subject;
  assert.ok(spawn);
  const hosts: ChannelHandlers[] = [];
  const forgeable: Spawn = (handlers, worker) => {
    hosts.push(handlers);
    return spawn(handlers, worker);
  };
  const options = { maxWorkers: 1, interruptGrace: 20, onError: scene.onError };
  return { pool: scene.keep(new PoolExecutor(forgeable, options)), hosts };
}
