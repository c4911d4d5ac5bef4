// Workers: the lanes of the timeline. A worker's lane begins when it starts and ends when it exits.

import type { WorkerView } from "../contract.ts";

/** Exited workers that are kept: a pool whose workers die all the time makes very many. */
const KEPT_EXITED = 200;

export class Workers {
  /** By executor and number, oldest first. */
  readonly #byKey = new Map<string, WorkerView>();
  #exited = 0;

  started(executor: string, worker: { id: number; name: string }, at: number): WorkerView {
    const { id, name } = worker;
    const view = { executor, id, name, startedAt: at, exitedAt: null, exit: null };
    this.#byKey.set(keyOf(executor, id), view);
    return view;
  }

  /** Notes the end of a worker; of one whose start nobody saw, gives nothing. */
  exited(
    executor: string,
    id: number,
    at: number,
    exit: NonNullable<WorkerView["exit"]>,
  ): WorkerView | undefined {
    const key = keyOf(executor, id);
    const known = this.#byKey.get(key);
    if (known === undefined) return undefined;
    const view = { ...known, exitedAt: at, exit };
    this.#byKey.set(key, view);
    this.#exited++;
    if (this.#exited > KEPT_EXITED) this.#forgetOldest();
    return view;
  }

  get(executor: string, id: number): WorkerView | undefined {
    return this.#byKey.get(keyOf(executor, id));
  }

  all(): WorkerView[] {
    return [...this.#byKey.values()];
  }

  #forgetOldest(): void {
    for (const [key, { exitedAt }] of this.#byKey) {
      if (exitedAt === null) continue;
      this.#byKey.delete(key);
      this.#exited--;
      return;
    }
  }
}

function keyOf(executor: string, id: number): string {
  return `${id} ${executor}`;
}
