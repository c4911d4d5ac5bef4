// KeptFiles: uploaded files while jobs need them, and afterwards as long as there is room, so that jobs can run again.

import { createHash } from "node:crypto";
import { Problem } from "../../modules/dashboard/problem.ts";
import type { Upload } from "./kinds.ts";

/** Bytes that all kept files may have together. */
const KEPT_BYTES = 64 * 1024 * 1024;

interface Kept {
  readonly upload: Upload;
  /** Jobs that are not settled. */
  holders: number;
}

export class KeptFiles {
  /** By their digest, the one that was used last at the end: the same file is kept once. */
  readonly #byKey = new Map<string, Kept>();
  #bytes = 0;

  /** Keeps a file, and gives what it is known by. */
  keep(upload: Upload): string {
    const key = keyOf(upload);
    const kept = this.#byKey.get(key) ?? { upload, holders: 0 };
    if (this.#byKey.delete(key)) this.#bytes -= kept.upload.bytes.byteLength;
    this.#makeRoom(upload.bytes.byteLength);
    this.#byKey.set(key, kept);
    this.#bytes += kept.upload.bytes.byteLength;
    return key;
  }

  /** Says that a job needs a file that is kept. */
  hold(key: string): void {
    const kept = this.#byKey.get(key);
    if (kept !== undefined) kept.holders++;
  }

  /** Says that a job needs its file no more. */
  release(key: string): void {
    const kept = this.#byKey.get(key);
    if (kept !== undefined) kept.holders--;
  }

  get(key: string): Upload | undefined {
    return this.#byKey.get(key)?.upload;
  }

  #makeRoom(bytes: number): void {
    for (const [key, kept] of this.#byKey) {
      if (this.#bytes + bytes <= KEPT_BYTES) return;
      if (kept.holders > 0) continue;
      this.#byKey.delete(key);
      this.#bytes -= kept.upload.bytes.byteLength;
    }
    if (this.#bytes + bytes <= KEPT_BYTES) return;
    const detail = "waiting jobs hold too many uploaded bytes";
    throw new Problem(429, `Cannot submit jobs: ${detail}`, { field: "file", retryAfter: 1 });
  }
}

function keyOf({ name, bytes }: Upload): string {
  return createHash("sha256").update(name).update("\0").update(bytes).digest("hex");
}
