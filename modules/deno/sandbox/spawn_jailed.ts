// Starts a process that may do nothing: the host's side of the seam (../../core/seam/channel.ts) for sandbox.ts.

import type { Spawn } from "../../core/seam/channel.ts";
import type { WorkerIdentity } from "../../core/worker_identity.ts";
import { mayRun } from "../../workers/allowed.ts";
import { killedWithUs } from "../../workers/processes/killed_with_us.ts";
import { linkProcess } from "../../workers/processes/link_process.ts";
import { WORKER_MARK } from "../../workers/worker_mark.ts";
import { closePoolsAtReload } from "../close_pools_at_reload.ts";
import { denoProgram } from "../deno_program.ts";
import { assertPermitted, SANDBOX_PERMISSIONS } from "../needed_permissions.ts";
import { permissionFlags } from "../process_permissions.ts";
import { mainModule } from "../spawn_process.ts";

/** What a process may use up. */
export interface JailLimits {
  /** Milliseconds. */
  readonly timeout: number;
  /** MiB of JavaScript's heap. */
  readonly heap: number;
  /** MiB altogether. */
  readonly memory: number;
  /** Bytes of messages. */
  readonly maxResult: number;
}

/** Where util-linux has the program that limits what a process may use. */
const PRLIMIT = ["/usr/bin/prlimit", "/bin/prlimit"];

/** Descriptors of files the runtime itself may need. */
const FILES = 64;

/** What the messages around a result take. */
const MESSAGES_BYTES = 65_536;

/** Makes a `Spawn` for jailed processes; `onOutput` takes what they print. */
export function spawnJailed(
  limits: JailLimits,
  onOutput: (worker: WorkerIdentity, bytes: Uint8Array) => void,
): Spawn {
  assertPermitted("create Sandbox", SANDBOX_PERMISSIONS());
  const task = new URL("./sandbox_task.ts", import.meta.url).href;
  const limited = resourceLimits(limits);
  const command = (): string[] => {
    const { before, host } = killedWithUs();
    return [
      ...before,
      ...limited,
      denoProgram(),
      "run",
      "--quiet",
      "--no-prompt",
      "--no-config",
      "--no-lock",
      "--no-remote",
      "--no-npm",
      ...permissionFlags("none"),
      `--v8-flags=--max-old-space-size=${limits.heap},--max-semi-space-size=${Math.max(1, Math.floor(limits.heap / 8))}`,
      // Fixed, and the code comes to it as text: as a main module the code could import local files.
      ...mainModule([task]),
      WORKER_MARK,
      // A thread that looks whether the host is gone takes more memory than the jail has; there the processor's time is limited.
      limited.length > 0 ? "" : host,
    ];
  };
  return (handlers, worker) => {
    const [program = denoProgram(), ...args] = command();
    closePoolsAtReload();
    return linkProcess(
      {
        command: [program, ...args],
        env: {},
        onOutput: (bytes) => onOutput(worker, bytes),
        isSentAhead: false,
        maxBytes: limits.maxResult + MESSAGES_BYTES,
      },
      handlers,
    );
  };
}

/** The words before a command that have the kernel limit it; none where there is no such program. */
function resourceLimits({ memory, timeout }: JailLimits): string[] {
  const prlimit = PRLIMIT.find(mayRun);
  if (prlimit === undefined) return [];
  // The clock on the wall decides (`timeout`); this is for a host that is too busy to look at it.
  const seconds = Math.ceil(timeout / 1_000) + 2;
  return [
    prlimit,
    `--data=${memory * 2 ** 20}`,
    `--cpu=${seconds}`,
    `--nofile=${FILES}`,
    "--core=0",
  ];
}
