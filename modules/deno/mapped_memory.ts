// Memory that host and worker have in a file which both of them map: of processes on Deno that may load libraries (ffi).
//
// Deno maps no file itself. It calls functions of the system, and makes a buffer of what lies at an address.

import { type Mapping, openMemory } from "../workers/processes/file_memory.ts";

/** Where the system's functions are. On others than these, a file is read and written. */
const LIBRARIES: Partial<Record<string, string>> = {
  linux: "libc.so.6",
  darwin: "/usr/lib/libSystem.B.dylib",
};

const FUNCTIONS = {
  mmap: { parameters: ["usize", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
} as const;

type System = Deno.DynamicLibrary<typeof FUNCTIONS>["symbols"];

const READ_AND_WRITE = 3;
const SHARED = 1;
const PRIVATE_AT_ADDRESS = 0x12;
const OF_NO_FILE = { linux: 0x20, darwin: 0x1000 } as Partial<Record<string, number>>;
/** The address that says that nothing was mapped. */
const FAILED = 2n ** 64n - 1n;

/** An address may be another's as soon as nothing is mapped there: not before nobody can look at the buffer any more. */
const unreachable = new FinalizationRegistry<{ at: Deno.PointerObject; bytes: number }>(
  ({ at, bytes }) => void withSystem(({ munmap }) => munmap(at, BigInt(bytes))),
);

/** Maps the first bytes of an open file; undefined where this program may not, or cannot. Nobody is asked for a permission. */
export function mapFile(file: number, bytes: number): Mapping | undefined {
  if (!mayMap()) return undefined;
  return withSystem(({ mmap }) => {
    const at = mmap(0n, BigInt(bytes), READ_AND_WRITE, SHARED, file, 0n);
    if (at === null || Deno.UnsafePointer.value(at) === FAILED) return undefined;
    const buffer = Deno.UnsafePointerView.getArrayBuffer(at, bytes);
    unreachable.register(buffer, { at, bytes });
    return { buffer, release: () => void withSystem((system) => leave(system, at, bytes)) };
  });
}

/** Whether this program may map files: it has leave to load any library. */
export function mayMap(): boolean {
  const { state, partial } = Deno.permissions.querySync({ name: "ffi" });
  return state === "granted" && !partial && Deno.build.os in LIBRARIES;
}

/** Tries what memory processes have in common with this program, for `futures doctor`. */
export function triedMemory(): "mapped" | "read and written" | "none" {
  const memory = openMemory(mapFile);
  memory?.close();
  if (memory === undefined) return "none";
  return memory.isMapped ? "mapped" : "read and written";
}

/** Puts zeros that take no memory in the place of a file's. Whoever looks there still finds those. */
function leave({ mmap }: System, at: Deno.PointerObject, bytes: number): void {
  const flags = PRIVATE_AT_ADDRESS | (OF_NO_FILE[Deno.build.os] as number);
  mmap(Deno.UnsafePointer.value(at), BigInt(bytes), READ_AND_WRITE, flags, -1, 0n);
}

/**
 * Calls functions of the system; undefined where that cannot be done. Each time anew, which takes a third of a millisecond: a
 * library that stays open is a leak to the sanitizers of `deno test`.
 */
function withSystem<R>(use: (system: System) => R): R | undefined {
  try {
    const library = Deno.dlopen(LIBRARIES[Deno.build.os] as string, FUNCTIONS);
    try {
      return use(library.symbols);
    } finally {
      library.close();
    }
  } catch {
    // No such library, or the permission was given back: what is mapped stays mapped.
    return undefined;
  }
}
