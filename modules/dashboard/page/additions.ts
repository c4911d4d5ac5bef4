// Additions: what a page shows, and what it has beside what every dashboard has. An app brings its own to startPage().

import type { ComponentType } from "preact";
import type {
  Counts,
  ExecutorView,
  JobFilter,
  JobState,
  RunView,
  ServerView,
} from "../contract.ts";
import type { ListQuery } from "./job_query.ts";
import { bringLocal, type LocalJobs } from "./local.ts";
import type { IconName } from "./parts/icon.tsx";
import type { ShownJob } from "./parts/job_actions.tsx";

/** A view, which is a tab. */
export interface View {
  /** Stands in the URL. */
  readonly name: string;
  readonly title: string;
  readonly icon: IconName;
  readonly component: ComponentType;
  /** What a reader must be allowed for it to be of use. */
  readonly needs?: keyof ServerView["can"];
}

/** What can be done from anywhere. */
export interface Command {
  /** What it does, in a few words. */
  readonly title: string;
  run(): void;
}

/** What can be done to all jobs that a list shows, after saying how many they are. */
export interface BulkAction {
  readonly needs: keyof ServerView["can"];
  /** The states it is about. */
  readonly states: readonly JobState[];
  readonly icon: IconName;
  /** On its button, before their number. */
  readonly name: string;
  /** What it does to them, in the words of a button: of `3 jobs`, say. */
  title(jobs: string): string;
  /** What will happen, of so many, which ones. */
  about(count: string, which: string): string;
  /** Whether it cannot be taken back. */
  readonly isFinal: boolean;
  /** Asked, if it is there, with the label of a box to tick; told whether that was ticked. */
  readonly choice?: string;
  /** Does it; gives what is said of it. */
  act(filter: JobFilter, isChosen: boolean): Promise<string>;
}

/** The list that a bulk action is about. */
export interface Listed {
  readonly query: Partial<ListQuery>;
  readonly total: number;
  readonly counts: Counts | undefined;
}

/** What a page is made of. */
export interface Additions {
  /** What it is, in the title of the window. */
  readonly title: string;
  /** What it is, beside its mark. */
  readonly brand: string;
  /** In the order of the tabs. */
  readonly views: readonly View[];
  /** What the palette has beside what every dashboard has. */
  readonly commands?: () => readonly Command[];
  /** Keys that its views hear, and what they do. */
  readonly keys?: readonly {
    where: string;
    keys: readonly (readonly [string, string])[];
  }[];
  /** Stands beside every view. */
  readonly beside?: ComponentType;
  /** Stands above the lanes. */
  readonly intro?: ComponentType;
  /** Stands among the actions of a job that is settled. */
  readonly jobActions?: ComponentType<{ job: ShownJob; named: boolean }>;
  readonly bulkActions?: readonly BulkAction[];
  /** Stands among the actions of a run. */
  readonly runActions?: ComponentType<{ run: RunView }>;
  /** What runs in the page itself. */
  readonly local?: LocalJobs;
  /** Stands among the controls of a pool. */
  readonly poolActions?: ComponentType<{ executor: ExecutorView }>;
}

let brought: Additions | undefined;

/** Says what the page is made of, before anything is drawn. */
export function bring(additions: Additions): void {
  brought = additions;
  bringLocal(additions.local);
}

export function additions(): Additions {
  if (brought === undefined) throw new Error("Cannot draw page: nothing was brought");
  return brought;
}
