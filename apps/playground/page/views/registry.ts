// The views that only the playground has, one file each. They submit, so each needs to be allowed to.

import type { View } from "../../../../modules/dashboard/page/additions.ts";
import { onDemand } from "../../../../modules/dashboard/page/parts/on_demand.tsx";

const BreakIt = onDemand(async () => (await import("./later.ts")).BreakIt);
const Browser = onDemand(async () => (await import("./later.ts")).Browser);
const Code = onDemand(async () => (await import("./later.ts")).Code);
const Compare = onDemand(async () => (await import("./later.ts")).Compare);
const Submit = onDemand(async () => (await import("./later.ts")).Submit);

const needs = "submit";

export const SUBMIT: View = {
  name: "submit",
  title: "Submit",
  icon: "plus",
  component: Submit,
  needs,
};
export const COMPARE: View = {
  name: "compare",
  title: "Compare",
  icon: "compare",
  component: Compare,
  needs,
};
export const BREAK_IT: View = {
  name: "break",
  title: "Break it",
  icon: "bolt",
  component: BreakIt,
  needs,
};
export const CODE: View = { name: "code", title: "Code", icon: "code", component: Code, needs };
export const BROWSER: View = {
  name: "browser",
  title: "Your browser",
  icon: "browser",
  component: Browser,
  needs,
};
