// Ends the jobs of a command that was killed itself: a shell beside it, which hears when it is gone.

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";

/**
 * Reads which groups run, until the pipe ends because we have ended. Then it ends those, and the one that was about to be
 * told of: that one is found by its environment, where there is a /proc.
 */
const SCRIPT = `
groups=' '
next=1
while read -r what group; do
  case $what in
    +) groups="$groups$group "; next=$((next + 1)) ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for file in $(grep -lzsx "FUTURES_JOB=$1:$next" /proc/[0-9]*/environ 2>/dev/null); do
  pid=\${file#/proc/}
  groups="$groups\${pid%/environ} "
done
[ "$groups" = ' ' ] && exit
for group in $groups; do kill -s TERM -- "-$group"; done 2>/dev/null
sleep 1
for group in $groups; do kill -s KILL -- "-$group"; done 2>/dev/null
`;

/** A shell that knows which groups of processes run. */
export class Guard {
  /** Unlike that of any other command, also of one in a container. Not a UUID: Node loads all it has of cryptography for one, in 5 ms. */
  readonly #id: string = `${process.pid}-${Math.random().toString(36).slice(2)}`;
  readonly #shell: ChildProcess;
  #started = 0;

  constructor() {
    this.#shell = spawn("/bin/sh", ["-c", SCRIPT, "futures-guard", this.#id], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.#shell.on("error", () => {});
    // If it is gone itself, jobs run on without it.
    this.#shell.stdin?.on("error", () => {});
    this.#shell.unref();
  }

  /** What the next group has in its environment. */
  mark(): Record<string, string> {
    return { FUTURES_JOB: `${this.#id}:${++this.#started}` };
  }

  /** A group has been started. */
  add(group: number): void {
    this.#shell.stdin?.write(`+ ${group}\n`);
  }

  /** A group has ended. */
  remove(group: number): void {
    this.#shell.stdin?.write(`- ${group}\n`);
  }

  /** Lets the shell end. */
  close(): void {
    this.#shell.stdin?.end();
  }
}
