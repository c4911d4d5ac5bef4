// Memory that host and worker have in a file. Processes that cannot map one read and write there what threads have in shared
// memory, a microsecond each time. Many bytes are always copied once on each side, into the kernel's memory and out of it.
//
// | claims (file_claims.ts)  | words: rings and bells | bulk of calls | bulk of outcomes |
//
// Where both have it mapped, the words are theirs as they are of threads, with the claims among them.

import { BULK_BYTES, type Bulk, type BulkPlace } from "../../core/memory/bulk.ts";
import { SHARED_BYTES, type SharedMemory } from "../../core/memory/shared_memory.ts";
import type { SharedWords } from "../../core/memory/shared_words.ts";
import { mayFill } from "../allowed.ts";
import { CLAIMS_BYTES, FileClaims, type Files } from "./file_claims.ts";

const WORDS_FROM = CLAIMS_BYTES;
const BULK_FROM = 2 ** 20;
const WORD = Int32Array.BYTES_PER_ELEMENT;

/** How much of the file is mapped: from its beginning, for a page may be larger than what lies before the words. */
export const MAPPED_BYTES: number = WORDS_FROM + SHARED_BYTES;

type FileSystem = typeof import("node:fs");

/** What of `node:fs` closes a file, too. */
type ClosingFiles = Files & Pick<FileSystem, "closeSync">;

/** Either side's view of the file. */
export interface ProcessMemory extends SharedMemory {
  /** Its descriptor. */
  readonly file: number;
  readonly isMapped: boolean;
  /** Closes the file, in which nobody looks for anything any more. */
  close(): void;
}

/** A file in the memory of this process. */
export interface Mapping {
  readonly buffer: ArrayBuffer;
  /** Gives back what it takes. Who looks into the buffer all the same finds zeros. */
  release(): void;
}

/** Maps the first bytes of an open file; undefined where that cannot be done. */
export type MapFile = (file: number, bytes: number) => Mapping | undefined;

/** The view of a side that has mapped {@link MAPPED_BYTES} of the file, as the other has. */
export function mappedMemory(
  files: ClosingFiles,
  file: number,
  { buffer, release }: Mapping,
): ProcessMemory {
  return {
    file,
    isMapped: true,
    words: new Int32Array(buffer, WORDS_FROM, SHARED_BYTES / WORD),
    bulk: fileBulk(() => files, file),
    close() {
      release();
      files.closeSync(file);
    },
  };
}

/** The view of a side that reads and writes it, as the other does. */
export class FileMemory implements ProcessMemory {
  readonly file: number;
  readonly isMapped = false;
  readonly claims: FileClaims;
  readonly words: FileWords;
  readonly bulk: Bulk;
  readonly #files: ClosingFiles;

  /** @param file The descriptor of the open file. */
  constructor(files: ClosingFiles, file: number) {
    this.#files = files;
    this.file = file;
    this.claims = new FileClaims(files, file);
    this.words = new FileWords(files, file);
    this.bulk = fileBulk(() => files, file);
  }

  close(): void {
    this.#files.closeSync(this.file);
  }
}

/** Words of which each side has a copy, and a file says what the other has written. */
class FileWords implements SharedWords {
  readonly words: Int32Array = new Int32Array(SHARED_BYTES / WORD);
  readonly isDirect = false;
  readonly #bytes = new Uint8Array(this.words.buffer);
  readonly #files: Files;
  readonly #file: number;

  constructor(files: Files, file: number) {
    this.#files = files;
    this.#file = file;
  }

  load(at: number): number {
    this.fetch(at, 1);
    return this.words[at] as number;
  }

  store(at: number, word: number): void {
    this.words[at] = word;
    this.show(at, 1);
  }

  exchange(at: number, expected: number, word: number): boolean {
    if (this.load(at) !== expected) return false;
    this.store(at, word);
    return true;
  }

  show(from: number, count: number): void {
    this.#files.writeSync(this.#file, this.#bytes, WORD * from, WORD * count, placeOf(from));
  }

  fetch(from: number, count: number): void {
    this.#files.readSync(this.#file, this.#bytes, WORD * from, WORD * count, placeOf(from));
  }
}

function placeOf(at: number): number {
  return WORDS_FROM + WORD * at;
}

/** Bulk in such a file. `files` is asked for when it is needed first: it takes its time to load. */
export function fileBulk(files: () => Files, file: number): Bulk {
  return {
    calls: new FileBulk(files, file, BULK_FROM),
    outcomes: new FileBulk(files, file, BULK_FROM + BULK_BYTES),
  };
}

class FileBulk implements BulkPlace {
  readonly #files: () => Files;
  readonly #file: number;
  readonly #from: number;

  constructor(files: () => Files, file: number, from: number) {
    this.#files = files;
    this.#file = file;
    this.#from = from;
  }

  write(offset: number, bytes: Uint8Array): boolean {
    const { length } = bytes;
    const { writeSync } = this.#files();
    try {
      for (let at = 0; at < length; )
        at += writeSync(this.#file, bytes, at, length - at, this.#from + offset + at);
      return true;
    } catch {
      // No space is left: they go by a message.
      return false;
    }
  }

  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    const { readSync } = this.#files();
    for (let at = 0; at < length; ) {
      const position = this.#from + offset + at;
      const count = readSync(this.#file, bytes, at, length - at, position);
      if (count === 0) throw new RangeError(`Cannot read shared memory: nothing is at ${position}`);
      at += count;
    }
    return bytes;
  }
}

/** A folder of files that are memory, not on a disk. Where there is none such, that of temporary files does. */
const MEMORY_FOLDER = "/dev/shm";

/**
 * Makes a file for the memory of one worker. It has no name any more when it is given back: only who has it open has it,
 * and however and whenever either side ends, nothing is left.
 *
 * @param bytes how many zeros are in it.
 * @param use makes memory of the file, while that still has its name. It may throw: then the next folder is tried.
 * @param folders where to put it: the first that takes it.
 * @returns undefined where there is no place for a file: on Windows, without leave to write, where all is read-only or full.
 * It works without, more slowly: nothing is sent ahead.
 */
export function fileInMemory<M>(
  bytes: number,
  use: (files: FileSystem, file: number, path: string) => M,
  folders: readonly string[] = memoryFolders(),
): M | undefined {
  if (process.platform === "win32") return undefined;
  const files = process.getBuiltinModule("node:fs");
  for (const folder of folders) {
    const path = `${folder}/concurrent-futures-${process.pid}-${crypto.randomUUID()}`;
    let file: number | undefined;
    try {
      file = files.openSync(path, "wx+", 0o600);
      // Written, not only made as long: a full disk must show here, and not when it is used.
      if (files.writeSync(file, new Uint8Array(bytes), 0, bytes, 0) !== bytes)
        throw new RangeError("Cannot share memory: no space is left");
      return use(files, file, path);
    } catch {
      // The next one may do.
      if (file !== undefined) files.closeSync(file);
    } finally {
      // Not where it could not be made: to remove what is not there is an error where nothing can be removed.
      if (file !== undefined) files.rmSync(path, { force: true });
    }
  }
  return undefined;
}

function memoryFolders(): string[] {
  const folders = [MEMORY_FOLDER];
  try {
    folders.push(process.getBuiltinModule("node:os").tmpdir());
  } catch {
    // On Deno, a program that may not see the environment is not told.
  }
  return folders.filter(mayFill);
}

/**
 * Opens the file that is the memory of a process.
 *
 * @param map maps it, and the process will, too. Default, and where it cannot: both read and write it.
 * @param folders where to put it: the first that takes it. Default: `/dev/shm`, then that of temporary files.
 */
export function openMemory(map?: MapFile, folders?: readonly string[]): ProcessMemory | undefined {
  const open = (files: FileSystem, file: number) => {
    const mapping = map?.(file, MAPPED_BYTES);
    return mapping === undefined ? new FileMemory(files, file) : mappedMemory(files, file, mapping);
  };
  return fileInMemory(MAPPED_BYTES, open, folders);
}
