// The views, in the order of the tabs: one file each. A new one needs its file and a line here.

import type { ComponentType } from "preact";
import { can } from "../live.ts";
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
  /** Whether it is of use here; a dashboard that only looks has no forms. */
  shown(): boolean;
}

export const VIEWS: readonly View[] = [
  { name: "live", title: "Live", icon: "lanes", component: Live, shown: () => true },
  {
    name: "submit",
    title: "Submit",
    icon: "plus",
    component: Submit,
    shown: () => can("submit"),
  },
  { name: "jobs", title: "Jobs", icon: "list", component: Jobs, shown: () => true },
  { name: "charts", title: "Charts", icon: "chart", component: Charts, shown: () => true },
  {
    name: "compare",
    title: "Compare",
    icon: "compare",
    component: Compare,
    shown: () => can("submit"),
  },
  {
    name: "break",
    title: "Break it",
    icon: "bolt",
    component: BreakIt,
    shown: () => can("submit"),
  },
  { name: "pools", title: "Pools", icon: "pool", component: Pools, shown: () => true },
  { name: "code", title: "Code", icon: "code", component: Code, shown: () => can("submit") },
  {
    name: "browser",
    title: "Your browser",
    icon: "browser",
    component: Browser,
    shown: () => can("submit"),
  },
];
