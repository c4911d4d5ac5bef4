// Tasks that try what a process may do. For tests.

import { writeSync } from "node:fs";
import process from "node:process";

const KINDS = ["env", "ffi", "net", "read", "run", "sys", "write"] as const;

export function statesOfPermissions(): Record<(typeof KINDS)[number], Deno.PermissionState> {
  const states = KINDS.map((name) => [name, Deno.permissions.querySync({ name }).state]);
  return Object.fromEntries(states);
}

export function readFile(path: string): string {
  return Deno.readTextFileSync(path);
}

export function double(n: number): number {
  return 2 * n;
}

/** Tries to settle its own call with a value of its choice: a frame as the worker writes them, without the key. */
export async function forge(): Promise<never> {
  const text = new TextEncoder().encode(JSON.stringify({ kind: "settled", first: 0, values: [7] }));
  const frame = new Uint8Array(4 + text.length);
  new DataView(frame.buffer).setUint32(0, text.length, true);
  frame.set(text, 4);
  writeSync(4, frame);
  return await new Promise<never>(() => {});
}

export function bytes(length: number): Uint8Array {
  return new Uint8Array(length);
}

/** Its process is killed as soon as the result is sent. */
export function bytesThenKill(length: number): Uint8Array {
  queueMicrotask(() => setTimeout(() => process.kill(process.pid, "SIGKILL"), 0));
  return new Uint8Array(length);
}

export function print(text: string): void {
  console.log(text);
}

/** Tells its process on standard output, and never returns to its event loop. */
export function sayAndSpin(): never {
  writeSync(1, `${process.pid}\n`);
  for (;;);
}

export function pid(): number {
  return process.pid;
}
