// Starts the page: the dashboard's, and what submits. Asks for the catalogue.

import { attempt } from "../../../modules/dashboard/page/notices.ts";
import { startPage } from "../../../modules/dashboard/page/start_page.tsx";
import { CHARTS, JOBS, LIVE, POOLS } from "../../../modules/dashboard/page/views/registry.ts";
import { fetchExperiments, fetchKinds } from "./api.ts";
import { experiments, kinds, ownCode } from "./catalogue.ts";
import { PLAYGROUND_KEYS, playgroundCommands } from "./commands.ts";
import { LOCAL } from "./here/jobs_here.ts";
import { Intro } from "./intro.tsx";
import { AgainActions } from "./parts/again_actions.tsx";
import { Intake } from "./parts/intake.tsx";
import { RunAgain } from "./parts/run_again.tsx";
import { RETRY } from "./retry.ts";
import { Tour } from "./tour.tsx";
import { BREAK_IT, BROWSER, CODE, COMPARE, SUBMIT } from "./views/registry.ts";

startPage({
  title: "Playground of @concurrent/futures",
  brand: "playground",
  views: [LIVE, SUBMIT, JOBS, CHARTS, COMPARE, BREAK_IT, POOLS, CODE, BROWSER],
  intro: Intro,
  beside: Tour,
  commands: playgroundCommands,
  keys: PLAYGROUND_KEYS,
  jobActions: AgainActions,
  bulkActions: [RETRY],
  runActions: RunAgain,
  local: LOCAL,
  poolActions: Intake,
});
attempt(async () => {
  const offered = await fetchKinds();
  kinds.value = offered.kinds;
  ownCode.value = offered.ownCode;
});
attempt(async () => {
  experiments.value = (await fetchExperiments()).experiments;
});
