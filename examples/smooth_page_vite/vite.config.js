// Built by Vite: the plugin keeps the module of the tasks a file of its own.

import { taskModules } from "@concurrent/futures/vite";

export default {
  plugins: [taskModules()],
  build: { target: "esnext" }, // for top-level `await`
};
