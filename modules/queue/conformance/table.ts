// The modules of the conformance suite's tasks, by name: the table that both sides have; and how large their values may be.

import { isTask } from "../../core/task.ts";
import * as modules from "../../testing/tasks.ts";
import type { TaskTable } from "../mod.ts";

/** Each by the name that the suite calls its tasks by. */
export const tasks: TaskTable = Object.fromEntries(
  Object.entries(modules).flatMap(([name, of]) => {
    const task: unknown = (of as unknown as Record<string, unknown>).any;
    return isTask(task) ? [[name, task.source.module]] : [];
  }),
);

/** The suite has values of many megabytes. */
export const MAX_PAYLOAD = 2 ** 26;
