// Workers behind channels: what a backend's `Spawn` starts.

import type { WorkerOwner } from "../handle/crew_member.ts";
import { WorkerHandle } from "../handle/worker_handle.ts";
import type { WorkerLimits } from "../handle/worker_limits.ts";
import type { Spawn } from "../seam/channel.ts";
import type { WireInitializer } from "../seam/messages.ts";
import type { Work } from "../work/work.ts";
import type { WorkerIdentity } from "../worker_identity.ts";
import { LargeArguments } from "./large_arguments.ts";
import type { Ledger } from "./ledger.ts";
import { SendingAhead } from "./sending_ahead.ts";
import { Standby } from "./standby.ts";
import type { WorkQueue } from "./task_queue.ts";
import { WaitInPlace } from "./wait_in_place.ts";
import type { Hired, Workforce } from "./workforce.ts";

/** The workers of one executor. */
export class SpawnedWorkers implements Workforce {
  readonly #spawn: Spawn;
  readonly #limits: WorkerLimits;
  readonly #initializer: WireInitializer | undefined;
  /** Of large arguments, which are sent again and again. */
  #large: LargeArguments | undefined = undefined;
  /** All there are: the crew's. */
  #workers: ReadonlySet<WorkerHandle> = new Set();
  #ledger: Ledger | undefined = undefined;
  /** Made when one is first wanted. */
  #standby: Standby | undefined = undefined;
  /** Waits in place, for outcomes and for what calls say. */
  #waitInPlace: WaitInPlace | undefined = undefined;

  constructor(spawn: Spawn, limits: WorkerLimits, initializer: WireInitializer | undefined) {
    this.#spawn = spawn;
    this.#limits = limits;
    this.#initializer = initializer;
  }

  hire(
    identity: WorkerIdentity,
    owner: WorkerOwner,
    wanted: () => Set<string>,
    onLeft: ((work: Work) => void) | undefined,
  ): WorkerHandle {
    return new WorkerHandle(
      (handlers, worker) =>
        this.#standby?.take(worker, handlers) ??
        this.#spawn(handlers, worker, () => this.#wanted(wanted())),
      identity,
      owner,
      this.#limits,
      this.#initializer,
      onLeft,
      (...large) => this.#sendsLarge(...large),
      this.#waitInPlace,
    );
  }

  prepare(worker: WorkerIdentity, wanted: () => Set<string>): void {
    this.#standby ??= new Standby(this.#spawn, () => this.#ledger?.settleUp());
    this.#standby.prepare(worker, () => this.#wanted(wanted()));
  }

  unprepare(): void {
    this.#standby?.stop();
  }

  get isEnding(): boolean {
    return this.#standby?.isEnding === true;
  }

  assign(
    queue: WorkQueue,
    crew: Hired,
    ledger: Ledger,
    isAhead: boolean,
    onTakenBack: () => void,
  ): SendingAhead {
    // All of the crew were hired here.
    this.#workers = crew.workers as ReadonlySet<unknown> as ReadonlySet<WorkerHandle>;
    this.#ledger = ledger;
    return new SendingAhead(queue, crew, this.#workers, ledger, isAhead, onTakenBack);
  }

  waitInPlace(ledger: Ledger): WaitInPlace {
    this.#waitInPlace = new WaitInPlace(this.#workers, ledger);
    return this.#waitInPlace;
  }

  /** The modules that a worker will load first. */
  #wanted(modules: Set<string>): Set<string> {
    if (this.#initializer !== undefined) modules.add(this.#initializer.module);
    return modules;
  }

  #sendsLarge(work: Work, at: number, value: unknown, bytes: number): void {
    this.#large ??= new LargeArguments((...told) => this.#ledger?.report(...told));
    this.#large.sending(work, at, value, bytes);
  }
}
