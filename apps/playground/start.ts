// Starts and stops the playground, the same way on every runtime; the runtime brings its executors and its server.

import process from "node:process";
import type { Executor } from "@concurrent/futures";
import type { Hono } from "hono";
import { hostsOf } from "../../modules/dashboard/guard.ts";
import { newToken } from "../../modules/dashboard/token.ts";
import { createApp } from "./app.ts";
import { explainListenError, HELP, readCommandLine, type StartCommand } from "./command_line.ts";
import { ENGINE } from "./engine_page.ts";
import type { CodeSandbox } from "./own_code.ts";
import { POLITE, polite } from "./polite.ts";
import type { Experiment } from "./trials.ts";

/** How long a stop may take before the process ends anyway. */
const STOP_MS = 2000;

/** One Ctrl-C may arrive twice: from the terminal, and passed on by the task runner. */
const SAME_KEY_MS = 250;

/** What differs between runtimes. */
export interface Runtime {
  /** Made only once the command line is known to be good. */
  executors(): Record<string, Executor>;
  /** Those of them whose workers can run out of memory without ending the program. */
  ownMemory: readonly string[];
  listen(options: Listen): Server | Promise<Server>;
  /** The page of the queue's engine, where there is a queue. */
  readonly engine?: Hono | undefined;
  /** Makes what runs visitors' code, where this runtime has a cell that holds it. */
  sandbox?(): CodeSandbox;
  /** What else may be broken on purpose. Default: nothing. */
  readonly experiments?: readonly Experiment[];
  /** What else ends with it. */
  stop?(): Promise<void>;
}

export interface Listen {
  hostname: string;
  port: number;
  fetch(request: Request): Response | Promise<Response>;
}

export interface Server {
  /** The port that was taken, where any was asked for. */
  port: number;
  stop(): Promise<void>;
}

/** Runs the playground until it is told to stop. */
export function start(runtime: Runtime): void {
  const command = readCommandLine(process.argv.slice(2), process.env.PORT);
  switch (command.do) {
    case "help":
      console.log(HELP);
      break;
    case "complain":
      fail(command.about);
      break;
    case "start":
      void serve(runtime, command);
      break;
    default:
      command satisfies never;
  }
}

async function serve(runtime: Runtime, command: StartCommand): Promise<void> {
  const { hostname, port, names, history, keepJobs, keepDays } = command;
  let sandbox: CodeSandbox | undefined;
  if (command.allowCode) {
    if (runtime.sandbox === undefined) {
      const why = "--allow-code needs the sandbox, which there is on Deno only";
      return fail(`Cannot start playground: ${why} (docs/sandbox.md)`);
    }
    try {
      sandbox = runtime.sandbox();
    } catch (error) {
      return fail(`Cannot start playground: ${(error as Error).message}`);
    }
  }
  // The app is there in the turn in which the server listens, before any request.
  let app: ReturnType<typeof createApp> | undefined;
  let server: Server;
  try {
    const fetch = (request: Request) => app?.fetch(request) ?? new Response(null, { status: 503 });
    server = await runtime.listen({ hostname, port, fetch });
  } catch (error) {
    return fail(explainListenError(error, hostname, port));
  }
  const executors = { ...runtime.executors(), ...polite() };
  const stopping = new AbortController();
  const token = command.token ? newToken() : undefined;
  app = createApp(executors, {
    hosts: hostsOf(server.port, { hostname, names }),
    token,
    signal: stopping.signal,
    history: { path: history, keepJobs, keepDays },
    ownMemory: runtime.ownMemory,
    limits: { polite: POLITE },
    engine: runtime.engine,
    sandbox,
    ...(runtime.experiments && { experiments: runtime.experiments }),
  });
  onStop(async () => {
    // First, so that the history has how the jobs ended.
    const all = [...Object.values(executors), ...(sandbox ? [sandbox.executor] : [])];
    await Promise.all(all.map((executor) => executor.terminateWorkers()));
    stopping.abort();
    await server.stop();
    await runtime.stop?.();
  });
  const shown = hostname.includes(":") ? `[${hostname}]` : hostname;
  const secret = token === undefined ? "" : `?token=${token}`;
  const address = `http://${shown}:${server.port}`;
  if (runtime.engine) console.log(`The queue as its engine has it: ${address}${ENGINE}${secret}`);
  console.log(`Playground listens on ${address}/${secret} (Ctrl-C stops it)`);
}

function onStop(stop: () => Promise<void>): void {
  let first: number | undefined;
  const onSignal = () => {
    const now = performance.now();
    if (first !== undefined && now - first < SAME_KEY_MS) return;
    if (first !== undefined) process.exit(130);
    first = now;
    // Explicit, for a thread that cannot be stopped must not keep a stopped server alive.
    setTimeout(() => process.exit(1), STOP_MS).unref();
    stop().then(
      () => process.exit(0),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
