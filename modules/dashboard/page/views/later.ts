// What no first screen shows: the other views and the panel of a job, which are fetched together, on demand.

export { Charts } from "./charts.tsx";
export { JobPanel } from "./job_panel.tsx";
export { Jobs } from "./jobs.tsx";
export { Pools } from "./pools.tsx";
