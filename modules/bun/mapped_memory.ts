// Memory that host and worker have in a file which both of them map: of processes on Bun.

import { SHARED_BYTES, type SharedMemory } from "../core/memory/shared_memory.ts";
import { fileBulk } from "../workers/processes/file_memory.ts";

/**
 * Maps the file of one worker, which is open here as `file`; it stays open: what a task starts does not inherit it. Bytes
 * that are many are not mapped, but read and written.
 *
 * @throws Where there is no name for a descriptor, as on Windows.
 */
export function mapMemory(file: number): SharedMemory {
  const { buffer, byteOffset } = Bun.mmap(`/dev/fd/${file}`, { shared: true });
  return {
    words: new Int32Array(buffer, byteOffset, SHARED_BYTES / Int32Array.BYTES_PER_ELEMENT),
    // It takes 2 ms to load, and most workers need it never.
    bulk: fileBulk(() => process.getBuiltinModule("node:fs"), file),
  };
}
