// startRun: opens a sandbox for the calls of one run, and takes it away when they are done.
//
// A sandbox is a frame without an origin: what runs in it reaches no server, no storage and nothing of this page, and
// leaves nothing behind for the next run.

import type { FromSandbox, SandboxStart, ToSandbox } from "./messages.ts";

/** How a run is told of its calls. */
export type Hear = (message: FromSandbox) => void;

/** Calls that run, or will. */
export interface Run {
  say(message: ToSandbox): void;
  /** Takes the sandbox away, with all that runs in it. */
  close(): void;
}

/** The page's own files that a sandbox is made of, each asked for once. */
const texts = new Map<string, Promise<string>>();

/** Asks for a file of the page, as text: a sandbox cannot. */
export function textOf(file: string): Promise<string> {
  const known = texts.get(file) ?? load(file);
  texts.set(file, known);
  known.catch(() => texts.delete(file));
  return known;
}

async function load(file: string): Promise<string> {
  const response = await fetch(new URL(file, import.meta.url));
  if (!response.ok) throw new Error(`Cannot load ${file}: the server answers ${response.status}`);
  return await response.text();
}

/** Opens a sandbox around a module. */
export async function openRun(module: string, hear: Hear): Promise<Run> {
  const [worker, runner] = await Promise.all([textOf("task_worker.js"), textOf("task_runner.js")]);
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = "What runs in this browser";
  frame.sandbox.add("allow-scripts");
  // So that its workers may share memory with it, as those of a page do.
  frame.allow = "cross-origin-isolated";
  frame.src = new URL("sandbox.html", import.meta.url).href;
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
  document.body.append(frame);
  await loaded;
  const { port1: port, port2 } = new MessageChannel();
  port.onmessage = ({ data }: MessageEvent<FromSandbox>) => hear(data);
  const start: SandboxStart = { worker, runner, module };
  frame.contentWindow?.postMessage(start, "*", [port2]);
  return {
    say: (message) => port.postMessage(message),
    close() {
      port.close();
      frame.remove();
    },
  };
}
