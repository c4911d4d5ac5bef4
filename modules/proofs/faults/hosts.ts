// Faults of the host: it exits, throws, is killed or interrupted, at any moment.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { withWorkerScripts } from "../../testing/applicability.ts";
import { isAlive } from "../../testing/is_alive.ts";
import { runScript } from "../../testing/run_script.ts";
import { ownScript } from "../own_script.ts";
import type { Fault } from "./fault.ts";

const DEEDS = [
  ["exit", "calls process.exit()"],
  ["throw", "throws at its top level"],
  ["SIGKILL", "is killed"],
  ["SIGINT", "gets Ctrl-C"],
  ["SIGTERM", "gets SIGTERM"],
] as const;

const MOMENTS = ["starting", "queued", "busy", "idle"] as const;
/** The two at which most can be left behind. */
const SHORT = MOMENTS.slice(0, 2);

/** Faults of the host. */
export const hostFaults: readonly Fault[] = DEEDS.map(
  ([deed, what]): Fault => ({
    id: `host-${deed}`,
    title: `a host that ${what}, at any moment, ends at once and leaves no process and no file`,
    applies: withWorkerScripts,
    async run(scene) {
      for (const moment of scene.isLong ? MOMENTS : SHORT) {
        const before = filesOfOurs();
        scene.strike();
        const outcome = await runScript(scene, ownScript("host_ends.ts"), [
          deed,
          moment,
          scene.directory,
        ]);
        const about = `${deed} while ${moment}: ${JSON.stringify(outcome)}`;
        assert.match(outcome.stdout, /^ready( \d+)*\n$/, about);
        if (deed === "exit") assert.equal(outcome.code, 7, about);
        if (deed === "throw") assert.ok((outcome.code ?? 0) > 0 && outcome.stderr !== "", about);
        if (deed.startsWith("SIG")) {
          const number = { SIGKILL: 137, SIGINT: 130, SIGTERM: 143 }[deed as "SIGKILL"];
          assert.ok(outcome.signal === deed || outcome.code === number, about);
        }
        const pids = [...outcome.stdout.matchAll(/\d+/g)].map(Number);
        // A second is what a child may take to see that its host is gone.
        await scene.until(() => pids.every((pid) => !isAlive(pid)));
        // Files of others who work here may come and go: only what this program left counts.
        await scene.until(() =>
          filesOfOurs().every((name) => before.includes(name) || !mentions(name, outcome.stdout)),
        );
      }
    },
  }),
);

function filesOfOurs(): string[] {
  return ["/dev/shm", tmpdir()]
    .flatMap(filesIn)
    .filter((name) => name.startsWith("concurrent-futures-"));
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // It is not there, or not open to us, and so not to a host that we start.
    return [];
  }
}

/** Shared memory's files are named after their host, which is the first number it prints. */
function mentions(name: string, stdout: string): boolean {
  const host = /\d+/.exec(stdout)?.[0];
  return host !== undefined && name.startsWith(`concurrent-futures-${host}-`);
}
