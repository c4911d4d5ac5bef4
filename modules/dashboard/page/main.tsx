// Starts the dashboard's own page.

import { startPage } from "./start_page.tsx";
import { CHARTS, JOBS, LIVE, POOLS } from "./views/registry.ts";

startPage({
  title: "Dashboard of @concurrent/futures",
  brand: "dashboard",
  views: [LIVE, JOBS, CHARTS, POOLS],
});
