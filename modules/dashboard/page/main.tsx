// Starts the page: asks for the catalogue, listens to the stream, and draws.

import "@preact/signals";
import { render } from "preact";
import { fetchExperiments, fetchKinds } from "./api.ts";
import { BASE } from "./base.ts";
import { experiments, kinds } from "./catalogue.ts";
import { hear } from "./live.ts";
import { attempt } from "./notices.ts";
import { follow } from "./route.ts";
import { Shell } from "./shell.tsx";
import { listen } from "./stream/stream.ts";

const place = document.getElementById("page") as HTMLElement;
place.addEventListener("click", follow);
render(<Shell />, place);
listen(BASE, hear);
attempt(async () => {
  kinds.value = (await fetchKinds()).kinds;
});
attempt(async () => {
  experiments.value = (await fetchExperiments()).experiments;
});
