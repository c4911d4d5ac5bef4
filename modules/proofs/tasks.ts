// The fixture modules of the proofs, as tasks.
import { importTasks, type TasksOf } from "../../mod.ts";

export const bystanders: TasksOf<typeof import("./fixtures/bystanders.ts")> = importTasks(
  new URL("./fixtures/bystanders.ts", import.meta.url),
);
export const harm: TasksOf<typeof import("./fixtures/faults.ts")> = importTasks(
  new URL("./fixtures/faults.ts", import.meta.url),
);
export const chaos: TasksOf<typeof import("./fixtures/chaos.ts")> = importTasks(
  new URL("./fixtures/chaos.ts", import.meta.url),
);
export const hostile: TasksOf<typeof import("./fixtures/hostile.ts")> = importTasks(
  new URL("./fixtures/hostile.ts", import.meta.url),
);
/** Tasks that hold locks. */
export const holders: TasksOf<typeof import("./fixtures/sharing.ts")> = importTasks(
  new URL("./fixtures/sharing.ts", import.meta.url),
);
