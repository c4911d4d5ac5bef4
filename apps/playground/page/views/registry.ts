// The views that only the playground has, one file each. They submit, so each needs to be allowed to.

import type { View } from "../../../../modules/dashboard/page/additions.ts";
import { BreakIt } from "./break_it.tsx";
import { Browser } from "./browser.tsx";
import { Code } from "./code.tsx";
import { Compare } from "./compare.tsx";
import { Submit } from "./submit.tsx";

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
