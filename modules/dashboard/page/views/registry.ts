// The views, in the order of the tabs: one file each. A new one needs its file and a line here.

import type { ComponentType } from "preact";
import type { ServerView } from "../../contract.ts";
import { can, server } from "../live.ts";
import type { IconName } from "../parts/icon.tsx";
import { BreakIt } from "./break_it.tsx";
import { Browser } from "./browser.tsx";
import { Charts } from "./charts.tsx";
import { Code } from "./code.tsx";
import { Compare } from "./compare.tsx";
import { Jobs } from "./jobs.tsx";
import { Live } from "./live.tsx";
import { Pools } from "./pools.tsx";
import { Submit } from "./submit.tsx";

export interface View {
  /** Stands in the URL. */
  readonly name: string;
  readonly title: string;
  readonly icon: IconName;
  readonly component: ComponentType;
  /** What a reader must be allowed for it to be of use; a dashboard that only looks has no forms. */
  readonly needs?: keyof ServerView["can"];
}

export const VIEWS: readonly View[] = [
  { name: "live", title: "Live", icon: "lanes", component: Live },
  {
    name: "submit",
    title: "Submit",
    icon: "plus",
    component: Submit,
    needs: "submit",
  },
  { name: "jobs", title: "Jobs", icon: "list", component: Jobs },
  { name: "charts", title: "Charts", icon: "chart", component: Charts },
  {
    name: "compare",
    title: "Compare",
    icon: "compare",
    component: Compare,
    needs: "submit",
  },
  {
    name: "break",
    title: "Break it",
    icon: "bolt",
    component: BreakIt,
    needs: "submit",
  },
  { name: "pools", title: "Pools", icon: "pool", component: Pools },
  { name: "code", title: "Code", icon: "code", component: Code, needs: "submit" },
  {
    name: "browser",
    title: "Your browser",
    icon: "browser",
    component: Browser,
    needs: "submit",
  },
];

/** Whether a view is of use here, as far as the server has said what is. */
export function isShown({ needs }: View): boolean {
  return needs === undefined || can(needs);
}

/**
 * The view of a name: the first one, where there is none of that name, or it is of no use here.
 *
 * Before the server has spoken it may be of use: then it is the one to wait for.
 */
export function viewOf(name: string): { view: View; isKnown: boolean } {
  const first = VIEWS[0] as View;
  const named = VIEWS.find((view) => view.name === name) ?? first;
  if (isShown(named)) return { view: named, isKnown: true };
  return server.value === undefined
    ? { view: named, isKnown: false }
    : { view: first, isKnown: true };
}
