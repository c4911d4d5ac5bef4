// Trays: where calls wait that are for one worker. Each worker that has such calls has a tray; what lies there goes out in the
// order of all calls, but only where the worker has nothing else, and nothing that came later goes before it.

import { WorkerLostError } from "../errors.ts";
import type { CrewMember } from "../handle/crew_member.ts";
import type { WorkerExit } from "../seam/channel.ts";
import { addresseeOf } from "../work/addressed_work.ts";
import type { Call, Work } from "../work/work.ts";
import type { WorkerIdentity } from "../worker_identity.ts";
import type { Affinities } from "./affinities.ts";
import { TaskQueue } from "./task_queue.ts";

/** A call that is next for one worker. */
export interface Due {
  readonly worker: CrewMember;
  readonly work: Work;
  readonly tray: TaskQueue;
}

/** The trays of one executor's workers. */
export class Trays {
  readonly #trays = new Map<CrewMember, TaskQueue>();
  readonly #reserved = new Set<CrewMember>();
  /** Where calls wait that would go anywhere, but go on with what a worker knows. */
  readonly #inclined = new WeakMap<Work, CrewMember>();
  /** Made with the first task that has an affinity. */
  affinities: Affinities | undefined = undefined;

  /** How many calls wait there; those count that were cancelled meanwhile. */
  get size(): number {
    let size = 0;
    for (const tray of this.#trays.values()) size += tray.size;
    return size;
  }

  /** How many workers are an actor's. */
  get reserved(): number {
    return this.#reserved.size;
  }

  /** From now on a worker is an actor's: all it does comes by its tray. */
  reserve(worker: CrewMember): void {
    this.#reserved.add(worker);
    worker.isReserved = true;
    worker.keep();
  }

  /** It is everybody's again. */
  free(worker: CrewMember): void {
    if (!this.#reserved.delete(worker)) return;
    worker.isReserved = false;
    worker.release();
  }

  /** Takes a work that is for one worker; false for any other, which belongs into the queue. */
  take(work: Work): boolean {
    const worker = addresseeOf(work) as CrewMember | undefined;
    if (worker === undefined) return this.#incline(work);
    if (worker.exit !== undefined) work.fail(0, lossOf(work, worker.identity, worker.exit));
    else this.#trayOf(worker).put(work);
    return true;
  }

  /** Whether a call is to go to the worker that had others of its key, and waits for that. */
  #incline(work: Work): boolean {
    if (this.affinities === undefined) return false;
    const known = this.#inclined.get(work);
    const worker = known !== undefined && work.queued ? known : this.affinities.workerFor(work);
    if (worker === undefined) {
      this.#inclined.delete(work);
      return false;
    }
    this.#inclined.set(work, worker);
    this.#trayOf(worker).put(work);
    return true;
  }

  /** How many calls wait for a worker alone. */
  sizeOf(worker: CrewMember): number {
    return this.#trays.get(worker)?.size ?? 0;
  }

  /** Moves a work whose priority was another; false if it waits for no one worker. */
  moved(work: Work, before: number): boolean {
    const worker = (addresseeOf(work) ?? this.#inclined.get(work)) as CrewMember | undefined;
    if (worker === undefined) return false;
    this.#trays.get(worker)?.moved(work, before);
    return true;
  }

  /** The next call that may go to its worker, if it comes before `next`. */
  due(
    next: Work | undefined,
    hasRoom: (worker: CrewMember, work: Work) => boolean,
  ): Due | undefined {
    for (const [worker, tray] of this.#trays) {
      const work = this.#front(worker, tray);
      if (work === undefined || (next !== undefined && !precedes(work, next))) continue;
      if (hasRoom(worker, work)) return { worker, work, tray };
    }
    return undefined;
  }

  /** Whether a worker has to be left free for a call that comes before this one. */
  readonly keepsFrom = (worker: CrewMember, work: Work): boolean => {
    if (worker.isReserved) return true;
    const front = this.#trays.get(worker)?.front();
    return front !== undefined && precedes(front, work);
  };

  /** Takes out all that waits for a worker that is gone. */
  leave(worker: CrewMember): Call[] {
    const calls: Call[] = [];
    for (const work of this.#trays.get(worker)?.drain() ?? [])
      if (work.waiting > 0) calls.push({ work, index: work.take() });
    this.#trays.delete(worker);
    this.#reserved.delete(worker);
    this.affinities?.leave(worker);
    return calls;
  }

  /** Takes everything out. */
  drain(): Work[] {
    const works = [...this.#trays.values()].flatMap((tray) => tray.drain());
    for (const worker of this.#trays.keys()) worker.release();
    this.#trays.clear();
    return works;
  }

  dropped(): void {
    for (const tray of this.#trays.values()) tray.dropped();
  }

  /** Whether such a call waits for a worker; for that one, if it is named. */
  awaits(isIt: (argument: unknown) => boolean, worker?: CrewMember): boolean {
    const trays = worker === undefined ? [...this.#trays.values()] : [this.#trays.get(worker)];
    return trays.some((tray) => tray?.awaits(isIt) === true);
  }

  #trayOf(worker: CrewMember): TaskQueue {
    let tray = this.#trays.get(worker);
    if (tray === undefined) {
      tray = new TaskQueue();
      this.#trays.set(worker, tray);
      worker.keep();
    }
    return tray;
  }

  #front(worker: CrewMember, tray: TaskQueue): Work | undefined {
    for (let work = tray.front(); work !== undefined; work = tray.front()) {
      if (worker.canLoad(work)) return work;
      work.take();
      const what = `Cannot send task "${work.terms.name}": worker ${worker.identity.id} may not load its module`;
      work.fail(0, new TypeError(what));
    }
    this.#trays.delete(worker);
    worker.release();
    return undefined;
  }
}

/** Whether one call goes before another. */
export function precedes(one: Work, other: Work): boolean {
  return one.priority === other.priority ? one.order < other.order : one.priority > other.priority;
}

/** What a call fails with whose worker is gone. */
export function lossOf(
  { terms: { name: taskName, source } }: Work,
  { id: workerId }: WorkerIdentity,
  { code: exitCode, signal, error }: WorkerExit,
): WorkerLostError {
  const isActor = source.does !== undefined && source.does !== "load";
  const cause = error === undefined ? undefined : { cause: error };
  return new WorkerLostError({ exitCode, signal, workerId, taskName, isActor }, cause);
}
