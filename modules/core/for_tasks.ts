/**
 * What a module of tasks needs of this package, in few files.
 *
 * Each worker loads the modules of its tasks, and whatever those import. A module that imports `@concurrent/futures` has
 * each of its workers load the executors, too, which no task needs: a hundred files, and in a program that runs the sources
 * as long again as a worker takes to start. What is here is the same as there, and most of it a worker has loaded anyway.
 *
 * @example A module of tasks
 * ```ts
 * import { move, taskContext } from "@concurrent/futures/task";
 *
 * export function render(width: number, height: number): Uint8Array<ArrayBuffer> {
 *   const pixels = new Uint8Array(width * height);
 *   for (let y = 0; y < height; y++) {
 *     taskContext().progress(y / height);
 *     pixels.fill(y % 256, y * width, (y + 1) * width);
 *   }
 *   return move(pixels);
 * }
 * ```
 *
 * @module
 */

export { type DefinedTasks, defineTasks } from "./define_tasks.ts";
export { registerClass, type WireForm } from "./register_class.ts";
export { registerErrorClass } from "./seam/unpack.ts";
export { type Task, type TaskOptions, task } from "./task.ts";
export { move, type TaskContext, taskContext } from "./task_context.ts";
