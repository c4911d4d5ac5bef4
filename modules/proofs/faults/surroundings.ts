// Faults of what lies around a program: folders and programs of the system that are not what they are elsewhere.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { withProcesses, withScripts } from "../../testing/applicability.ts";
import { isAlive } from "../../testing/is_alive.ts";
import { runScript } from "../../testing/run_script.ts";
import { ownScript } from "../own_script.ts";
import type { Fault } from "./fault.ts";
import type { FaultScene } from "./fault_scene.ts";

const withMounts: Fault["applies"] = (subject) => {
  const processes = withProcesses(subject);
  if (processes !== true) return processes;
  const { status } = spawnSync("unshare", [...ALONE, "true"]);
  return status === 0 ? withScripts(subject) : "nothing can be mounted for one program only here";
};

/** A place of its own for a program, where what it mounts is seen by nobody else. */
const ALONE = process.getuid?.() === 0 ? ["-m"] : ["-rm"];

const MEMORY = "mount -t tmpfs -o";

/** What the folder of files that are memory may be. */
const FOLDERS = [
  ["shm-read-only", "is read-only", `${MEMORY} ro tmpfs /dev/shm`],
  ["shm-full", "is full", `${MEMORY} size=4k tmpfs /dev/shm`],
  ["shm-noexec", "holds no programs", `${MEMORY} noexec tmpfs /dev/shm`],
  [
    "shm-no-folder",
    "is read-only, and that of temporary files is missing",
    `${MEMORY} ro tmpfs /dev/shm && export TMPDIR=/no/such/folder`,
  ],
] as const;

const SETPRIV = "/usr/bin/setpriv";

/** What may have the name of the program that asks the kernel to end a worker with its host. */
const PROGRAMS = [
  [
    "setpriv-alien",
    "does not know what it is asked for",
    `#!/bin/sh\necho "unrecognized option: $1" >&2\nexit 1\n`,
    0o755,
  ],
  ["setpriv-closed", "may not be run", "", 0o644],
] as const;

/** Faults of what lies around. */
export const surroundingFaults: readonly Fault[] = [
  ...FOLDERS.map(
    ([id, what, mounts]): Fault => ({
      id,
      title: `where the folder of files that are memory ${what}, all tasks run`,
      applies: withMounts,
      run: (scene) => assertWorks(scene, mounts),
    }),
  ),
  ...PROGRAMS.map(
    ([id, what, text, mode]): Fault => ({
      id,
      title: `where setpriv ${what}, all tasks run, and a busy worker ends with its host`,
      applies: (subject) => {
        const mounts = withMounts(subject);
        return mounts === true && !existsSync(SETPRIV) ? "there is no setpriv here" : mounts;
      },
      async run(scene) {
        const program = join(scene.directory, "setpriv");
        writeFileSync(program, text);
        chmodSync(program, mode);
        const mounts = `mount --bind '${program}' ${SETPRIV}`;
        await assertWorks(scene, mounts);
        const { stdout, stderr } = await runScript(scene, "host_exits.ts", ["kill-busy"], {
          alone: [...ALONE, mounts],
        });
        const pid = Number(/worker (\d+)/.exec(stdout)?.[1]);
        assert.ok(pid > 0, stderr);
        await scene.until(() => !isAlive(pid));
      },
    }),
  ),
];

async function assertWorks(scene: FaultScene, mounts: string): Promise<void> {
  const { stdout, stderr } = await runScript(scene, ownScript("many_workers.ts"), ["2"], {
    alone: [...ALONE, mounts],
  });
  assert.deepEqual({ stdout, stderr }, { stdout: "100 done\nend\n", stderr: "" });
}
