// measureProgram: what this program has now: memory, and where the system tells, open handles, threads and children.
import { execFileSync } from "node:child_process";
import process from "node:process";
import { collectGarbage } from "../../testing/collect_garbage.ts";

/** What a program has. */
export interface ProgramSize {
  /** Bytes of memory, as the system sees it, without what the heap keeps free for itself: V8 takes that by and by. */
  readonly rss: number;
  /** Bytes of heap in use, after a collection. */
  readonly heap: number;
  /** Open file descriptors, threads but those of Deno's own pool, child processes; absent where the system does not tell. */
  readonly handles?: number;
  readonly threads?: number;
  readonly children?: number;
}

/**
 * A shell looks, which any program may start that may start workers: Deno opens these files to nobody who may not do all.
 * Deno's own threads for files and programs do not count: there are up to forty, they come and go by what it just did, and
 * to look is enough to have some stay awake.
 */
const LOOK = `cd /proc/$PPID || exit 1
set -- fd/*; echo $#
threads=0
# A thread may end while it is looked at.
for task in task/*; do
  read -r name 2>/dev/null < "$task/comm" || continue
  case $name in tokio-runtime-w*) ;; *) threads=$((threads + 1)) ;; esac
done
echo $threads
cat task/*/children 2>/dev/null || :`;

/** Collects garbage, and looks. */
export async function measureProgram(): Promise<ProgramSize> {
  for (let time = 0; time < 3; time++) await collectGarbage();
  const { rss: resident, heapTotal, heapUsed: heap } = process.memoryUsage();
  const rss = resident - Math.max(0, heapTotal - heap);
  if (process.platform !== "linux") return { rss, heap };
  const [handles, threads, ...children] = execFileSync("sh", ["-c", LOOK], { encoding: "utf8" })
    .trim()
    .split(/\s+/)
    .map(Number);
  // One is the shell.
  return { rss, heap, handles: handles ?? 0, threads: threads ?? 0, children: children.length - 1 };
}
