// assertPermitted: says at once which permissions are missing, and which flags give them. Deno itself names one at a time.

import { withCode } from "../core/errors.ts";
import { isOwnWorker } from "../workers/worker_entry.ts";
import { denoProgram } from "./deno_program.ts";
import { ownProgram } from "./own_program.ts";

/** A permission that something takes, and the flag that gives it. */
export interface NeededPermission {
  readonly descriptor: Deno.PermissionDescriptor;
  readonly flag: string;
}

/** What starting a process takes: the program, and the environment that it gets. */
export const PROCESS_PERMISSIONS = (): readonly NeededPermission[] => [
  { descriptor: { name: "run", command: denoProgram() }, flag: "--allow-run" },
  { descriptor: { name: "env" }, flag: "--allow-env" },
];

/** What starting a thread takes: its code. An executable that is the program has that in itself. */
export const THREAD_PERMISSIONS = (): readonly NeededPermission[] => {
  const { isOneFile, main } = ownProgram();
  const isOwn = isOwnWorker(() => new URL(import.meta.url), isOneFile);
  if (isOwn && isOneFile) return [];
  const code = isOwn ? main().module : new URL("../", import.meta.url);
  return code.protocol === "file:"
    ? [{ descriptor: { name: "read", path: code }, flag: "--allow-read" }]
    : [];
};

/** What a sandbox takes beside the program: one variable, which Deno looks at whenever it starts a program. */
export const SANDBOX_PERMISSIONS = (): readonly NeededPermission[] => [
  { descriptor: { name: "run", command: denoProgram() }, flag: "--allow-run" },
  { descriptor: { name: "read", path: new URL("../", import.meta.url) }, flag: "--allow-read" },
  {
    descriptor: { name: "env", variable: "NODE_V8_COVERAGE" },
    flag: "--allow-env=NODE_V8_COVERAGE",
  },
];

/**
 * Throws if a permission is missing. On a terminal, where Deno asks whoever sits there, it is asked for first.
 *
 * @throws {Deno.errors.NotCapable} With all that are missing.
 */
export function assertPermitted(action: string, needed: readonly NeededPermission[]): void {
  const missing = needed.filter(({ descriptor }) => !isGranted(descriptor));
  if (missing.length === 0) return;
  const kinds = missing.map(({ descriptor }) => descriptor.name).join(" and ");
  const flags = missing.map(({ flag }) => flag).join(" ");
  const what = `Cannot ${action}: this program has no ${kinds} access; run it with ${flags}`;
  throw withCode(new Deno.errors.NotCapable(what), "CF_NOT_PERMITTED");
}

function isGranted(descriptor: Deno.PermissionDescriptor): boolean {
  const { permissions } = Deno;
  const { state } = permissions.querySync(descriptor);
  if (state !== "prompt") return state === "granted";
  return permissions.requestSync(descriptor).state === "granted";
}
