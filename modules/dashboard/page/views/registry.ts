// The views that every dashboard has, one file each, and which of a page's views is shown. All but the first one are fetched on demand.

import { additions, type View } from "../additions.ts";
import { can, server } from "../live.ts";
import { onDemand } from "../parts/on_demand.tsx";
import { Live } from "./live.tsx";

const Charts = onDemand(async () => (await import("./later.ts")).Charts);
const Jobs = onDemand(async () => (await import("./later.ts")).Jobs);
const Pools = onDemand(async () => (await import("./later.ts")).Pools);

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

/** What there is under a name. */
export interface Found {
  readonly view: View | undefined;
  /** Whether it is of use here; undefined before the server has spoken, where that is to be waited for. */
  readonly isOffered: boolean | undefined;
}

/** Finds the view of a name. */
export function viewOf(name: string): Found {
  const view = additions().views.find((view) => view.name === name);
  if (view === undefined || isShown(view)) return { view, isOffered: view !== undefined };
  return { view, isOffered: server.value === undefined ? undefined : false };
}
