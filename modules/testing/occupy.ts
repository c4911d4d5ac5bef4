// occupy: fills an executor's places with tasks that wait at a gate.
import type { Executor, Future } from "../../mod.ts";
import type { CaseContext } from "./case_context.ts";
import type { Gate } from "./gate.ts";
import { gates } from "./tasks.ts";

/** Tasks that run until the gate is opened. */
export interface Occupation {
  readonly gate: Gate;
  readonly futures: readonly Future<unknown>[];
}

/**
 * Submits `count` waiting tasks and settles once all of them run: each has written so itself, as a future may count as
 * running a moment before its task begins.
 *
 * @param count Not more than the executor's `maxWorkers`.
 */
export async function occupy(
  context: CaseContext,
  executor: Executor,
  count = 1,
): Promise<Occupation> {
  const [gate, log] = [context.gate(), context.log()];
  const futures = Array.from({ length: count }, (_, n) =>
    executor.submit(gates.logAndWaitAt, log.path, `${n}`, gate.path),
  );
  await context.until(() => log.lines().length === count);
  await context.until(() => futures.every((future) => future.running()));
  return { gate, futures };
}
