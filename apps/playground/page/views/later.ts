// What no first screen shows of the playground's own: its views, which are fetched together, on demand.

export { BreakIt } from "./break_it.tsx";
export { Browser } from "./browser.tsx";
export { Code } from "./code.tsx";
export { Compare } from "./compare.tsx";
export { Submit } from "./submit.tsx";
