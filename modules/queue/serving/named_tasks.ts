// NamedTasks: the tasks that jobs ask for, found by their names in the agent's table and nowhere else.

import { importTasks } from "../../core/import_tasks.ts";
import type { RetryOptions } from "../../core/retry.ts";
import type { Task, TaskOptions } from "../../core/task.ts";
import type { JobData } from "../job.ts";
import type { TaskModules } from "../task_table.ts";

/** So many are remembered by what they are asked with. */
const MOST_TASKS = 1000;

/** The tasks of one module. */
interface TasksOfModule {
  /** The task of this path, which leads to nothing but what the module exports. */
  $(path: string): Task<unknown[], unknown>;
}

/** The tasks of an agent. */
export class NamedTasks {
  readonly #table: TaskModules;
  readonly #tasks = new Map<string, Task<unknown[], unknown>>();
  readonly #modules = new Map<string, TasksOfModule>();
  /** The one that was found last, which is mostly the next one, too: to write down what is asked takes longer. */
  #last: Found | undefined = undefined;

  constructor(table: TaskModules) {
    this.#table = table;
  }

  /** Finds the task by its name in the table, or says why there is none. */
  find(name: string, data: JobData, lostWith: number): Task<unknown[], unknown> | Error {
    const { m, e, t, r } = data;
    const last = this.#last;
    if (last !== undefined && lostWith === 0 && last.name === name && isSame(last.data, data))
      return last.task;
    const task = this.#find(name, data, lostWith);
    if (lostWith === 0 && typeof r !== "object" && !(task instanceof Error))
      this.#last = { name, data: { m, e, t, r }, task };
    return task;
  }

  #find(name: string, { m, e, t, r }: JobData, lostWith: number): Task<unknown[], unknown> | Error {
    const address = this.#table.addressOf(m);
    if (address === undefined)
      return new TypeError(`Cannot run task "${e}": this agent knows no module "${m}"`);
    const retries = lostWith > 0 ? lessRetries(r, lostWith) : r;
    const key = JSON.stringify([m, e, t, retries, name]);
    let task = this.#tasks.get(key);
    if (task !== undefined) return task;
    let module = this.#modules.get(m);
    if (module === undefined) {
      module = importTasks(address) as unknown as TasksOfModule;
      this.#modules.set(m, module);
    }
    const options: TaskOptions<unknown[]> = {
      ...(name === e ? {} : { name }),
      ...(t === undefined ? {} : { timeout: t }),
      ...(retries === undefined ? {} : { retries }),
    };
    try {
      task = module.$(e).with(options);
    } catch (error) {
      return error instanceof Error ? error : new TypeError(`Cannot run task "${e}"`);
    }
    if (this.#tasks.size >= MOST_TASKS) this.#tasks.clear();
    this.#tasks.set(key, task);
    return task;
  }
}

/** What of a job says which task it is. */
interface Asked {
  readonly m: string;
  readonly e: string;
  readonly t?: JobData["t"] | undefined;
  readonly r?: JobData["r"] | undefined;
}

interface Found {
  readonly name: string;
  readonly data: Asked;
  readonly task: Task<unknown[], unknown>;
}

function isSame(one: Asked, other: Asked): boolean {
  return one.m === other.m && one.e === other.e && one.t === other.t && one.r === other.r;
}

function lessRetries(
  retries: number | RetryOptions | undefined,
  used: number,
): number | RetryOptions | undefined {
  if (typeof retries === "object") return { ...retries, limit: Math.max(0, retries.limit - used) };
  return retries === undefined ? undefined : Math.max(0, retries - used);
}
