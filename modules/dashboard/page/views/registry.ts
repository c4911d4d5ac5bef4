// The views that every dashboard has, one file each, and which of a page's views is shown.

import { additions, type View } from "../additions.ts";
import { can, server } from "../live.ts";
import { Charts } from "./charts.tsx";
import { Jobs } from "./jobs.tsx";
import { Live } from "./live.tsx";
import { Pools } from "./pools.tsx";

export const LIVE: View = { name: "live", title: "Live", icon: "lanes", component: Live };
export const JOBS: View = { name: "jobs", title: "Jobs", icon: "list", component: Jobs };
export const CHARTS: View = { name: "charts", title: "Charts", icon: "chart", component: Charts };
export const POOLS: View = { name: "pools", title: "Pools", icon: "pool", component: Pools };

/** The views that are of use here, as far as the server has said what is. */
export function shownViews(): readonly View[] {
  return additions().views.filter(isShown);
}

function isShown({ needs }: View): boolean {
  return needs === undefined || can(needs);
}

/**
 * The view of a name: the first one, where there is none of that name, or it is of no use here.
 *
 * Before the server has spoken it may be of use: then it is the one to wait for.
 */
export function viewOf(name: string): { view: View; isKnown: boolean } {
  const { views } = additions();
  const first = views[0] as View;
  const named = views.find((view) => view.name === name) ?? first;
  if (isShown(named)) return { view: named, isKnown: true };
  return server.value === undefined
    ? { view: named, isKnown: false }
    : { view: first, isKnown: true };
}
