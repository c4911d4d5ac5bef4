// Fault: one thing that goes wrong, and what shall come of it.
import type { Subject } from "../../testing/subject.ts";
import type { FaultScene } from "./fault_scene.ts";

/** What a runtime itself cannot contain. It is not believed: the trial shows it, and fails once it is no longer true. */
export interface Limit {
  /** What cannot be, in one sentence. */
  readonly cannot: string;
  /** Resolves when the runtime did what it is said to do. */
  trial(scene: FaultScene): Promise<void>;
}

/** One fault, for every executor it can strike. */
export interface Fault {
  /** Short, for `--only`: `kill-running`. */
  readonly id: string;
  /** A sentence in the present tense: what happens, and what comes of it. */
  readonly title: string;
  /** True; or why the fault cannot occur there; or what the runtime cannot do about it. */
  applies(subject: Subject): true | string | Limit;
  /** Strikes, and looks at what comes of it; rejects if it is not what is promised. */
  run(scene: FaultScene): Promise<void>;
}

/** What came of one fault on one executor. */
export interface FaultResult {
  /** The executor's column. */
  readonly subject: string;
  /** The fault's id. */
  readonly id: string;
  /** The fault's sentence. */
  readonly title: string;
  /** `limit`: the runtime cannot, and a trial has shown it. */
  readonly outcome: "survived" | "limit" | "n/a" | "failed";
  /** Tasks that were accepted and did not run to their value. */
  readonly lost: number;
  /** Tasks that ran more than once. */
  readonly doubled: number;
  /** How many tasks were looked after meanwhile. */
  readonly bystanders: number;
  /** Milliseconds the whole of it took. */
  readonly elapsed: number;
  /** Milliseconds from the fault until a task that was submitted after it had its value. */
  readonly recovery?: number;
  /** Why it does not apply, or what cannot be. */
  readonly reason?: string;
  /** Figures worth knowing. */
  readonly notes?: readonly string[];
  /** What was not as promised. */
  readonly error?: string;
}
