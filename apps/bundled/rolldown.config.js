// How rolldown builds the app.

import { taskModules } from "@concurrent/futures/vite";

export default {
  input: "app.ts",
  output: { dir: "rolldown", format: "esm" },
  plugins: [taskModules()],
};
