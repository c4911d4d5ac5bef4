// The fixture modules' functions as tasks.
import { importTasks, type TasksOf } from "../../mod.ts";

export const arithmetic: TasksOf<typeof import("./fixtures/arithmetic.ts")> = importTasks(
  new URL("./fixtures/arithmetic.ts", import.meta.url),
);
export const counter: TasksOf<typeof import("./fixtures/counter.ts")> = importTasks(
  new URL("./fixtures/counter.ts", import.meta.url),
);
export const failures: TasksOf<typeof import("./fixtures/failures.ts")> = importTasks(
  new URL("./fixtures/failures.ts", import.meta.url),
);
export const oddValues: TasksOf<typeof import("./fixtures/odd_values.ts")> = importTasks(
  new URL("./fixtures/odd_values.ts", import.meta.url),
);
export const gates: TasksOf<typeof import("./fixtures/gates.ts")> = importTasks(
  new URL("./fixtures/gates.ts", import.meta.url),
);
export const deaths: TasksOf<typeof import("./fixtures/deaths.ts")> = importTasks(
  new URL("./fixtures/deaths.ts", import.meta.url),
);
export const places: TasksOf<typeof import("./fixtures/identity.ts")> = importTasks(
  new URL("./fixtures/identity.ts", import.meta.url),
);
export const contexts: TasksOf<typeof import("./fixtures/context.ts")> = importTasks(
  new URL("./fixtures/context.ts", import.meta.url),
);
export const selfRegistering: TasksOf<typeof import("./fixtures/self_registering.ts")> =
  importTasks(new URL("./fixtures/self_registering.ts", import.meta.url));
export const memory: TasksOf<typeof import("./fixtures/memory.ts")> = importTasks(
  new URL("./fixtures/memory.ts", import.meta.url),
);
export const throwsOnImport: TasksOf<typeof import("./fixtures/throws_on_import.ts")> = importTasks(
  new URL("./fixtures/throws_on_import.ts", import.meta.url),
);
export const neverLoads: TasksOf<typeof import("./fixtures/never_loads.ts")> = importTasks(
  new URL("./fixtures/never_loads.ts", import.meta.url),
);
export const exitsOnImport: TasksOf<typeof import("./fixtures/exits_on_import.ts")> = importTasks(
  new URL("./fixtures/exits_on_import.ts", import.meta.url),
);
export const killsOnImport: TasksOf<typeof import("./fixtures/kills_on_import.ts")> = importTasks(
  new URL("./fixtures/kills_on_import.ts", import.meta.url),
);

export const order: TasksOf<typeof import("./fixtures/order.ts")> = importTasks(
  new URL("./fixtures/order.ts", import.meta.url),
);

/** A module whose text is no program. */
export const syntaxError: TasksOf<{ never(): void }> = importTasks(
  "data:text/javascript,export function never( {",
);

/** A module that does not exist. */
export const missing: TasksOf<{ never(): void }> = importTasks(
  new URL("./fixtures/no_such_module.ts", import.meta.url),
);

/** Exports that do not exist, or are no functions, in a module that does. */
export const absent: TasksOf<{ noSuchExport(): void; notAFunction(): void }> = importTasks(
  new URL("./fixtures/arithmetic.ts", import.meta.url),
);
export const values: TasksOf<typeof import("./fixtures/specimens.ts")> = importTasks(
  new URL("./fixtures/specimens.ts", import.meta.url),
);
export const disguises: TasksOf<typeof import("./fixtures/disguised_bytes.ts")> = importTasks(
  new URL("./fixtures/disguised_bytes.ts", import.meta.url),
);
/** Tasks that change what they are given. */
export const debugged: TasksOf<typeof import("./fixtures/debugged.ts")> = importTasks(
  new URL("./fixtures/debugged.ts", import.meta.url),
);
/** Tasks that print. */
export const printing: TasksOf<typeof import("./fixtures/printing.ts")> = importTasks(
  new URL("./fixtures/printing.ts", import.meta.url),
);
/** Tasks that make groups of their own. */
export const groups: TasksOf<typeof import("./fixtures/groups.ts")> = importTasks(
  new URL("./fixtures/groups.ts", import.meta.url),
);
/** Tasks that are generators. */
export const streams: TasksOf<typeof import("./fixtures/streams.ts")> = importTasks(
  new URL("./fixtures/streams.ts", import.meta.url),
);
/** Tasks that share locks, events and so on. */
export const sharing: TasksOf<typeof import("./fixtures/sharing.ts")> = importTasks(
  new URL("./fixtures/sharing.ts", import.meta.url),
);
/** Tasks of workers that are made ready, told things, and do something before they end. */
export const warm: TasksOf<typeof import("./fixtures/warm.ts")> = importTasks(
  new URL("./fixtures/warm.ts", import.meta.url),
);
/** Classes of actors. */
export const actors: TasksOf<typeof import("./fixtures/actors.ts")> = importTasks(
  new URL("./fixtures/actors.ts", import.meta.url),
);
/** Tasks that are given a shared value. */
export const sharedValues: TasksOf<typeof import("./fixtures/shared_values.ts")> = importTasks(
  new URL("./fixtures/shared_values.ts", import.meta.url),
);
/** A task whose module says so when it is loaded. */
export const logsImport: TasksOf<typeof import("./fixtures/logs_import.ts")> = importTasks(
  new URL("./fixtures/logs_import.ts", import.meta.url),
);
/** Tasks that send and receive. */
export const channels: TasksOf<typeof import("./fixtures/channels.ts")> = importTasks(
  new URL("./fixtures/channels.ts", import.meta.url),
);
/** Tasks within classes and objects, and such as are defined by key. */
export const naming: TasksOf<typeof import("./fixtures/naming.ts")> = importTasks(
  new URL("./fixtures/naming.ts", import.meta.url),
);
/** Tasks that fail in their first runs. */
export const attempts: TasksOf<typeof import("./fixtures/attempts.ts")> = importTasks(
  new URL("./fixtures/attempts.ts", import.meta.url),
);
/** Tasks that take and return instances of registered classes. */
export const money: TasksOf<typeof import("./fixtures/money.ts")> = importTasks(
  new URL("./fixtures/money.ts", import.meta.url),
);
