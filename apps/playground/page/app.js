// Starts the page: loads the kinds, follows the live stream, and hands what comes to the parts.

import { follow, get } from "./api.js";
import { setText } from "./dom.js";
import { showExecutors } from "./executors.js";
import { buildForm } from "./form.js";
import { jobTable } from "./jobs.js";

const LIVE = { live: "Live", connecting: "Connecting", reconnecting: "Reconnecting" };

const live = document.getElementById("live");
const table = jobTable();

const [{ kinds }, { executors }] = await Promise.all([get("/api/kinds"), get("/api/executors")]);
buildForm(kinds, executors);
showExecutors(executors);

follow({
  snapshot(message) {
    table.replace(message.jobs, message.counts);
    showExecutors(message.executors);
  },
  update(message) {
    table.merge(message.jobs, message.forgotten, message.counts);
    showExecutors(message.executors);
  },
  state(state) {
    live.dataset.state = state;
    setText(live, LIVE[state]);
  },
});
