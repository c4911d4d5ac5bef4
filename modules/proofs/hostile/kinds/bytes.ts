// Bytes: what shows them, what keeps them, and what has lost them.

import { bytesOf, global, type Kind, made, pick, typedOf } from "../kind.ts";

const detached = () => {
  const buffer = new ArrayBuffer(16);
  const view = new Uint8Array(buffer);
  structuredClone(null, { transfer: [buffer] });
  return { buffer, view };
};

/** Bytes, and what shows them, by the names of the kinds. */
export const BYTES: Readonly<Record<string, Kind>> = {
  typed: { fate: "whole", make: (random) => typedOf(random) },
  "typed-part": { fate: "whole", make: (random) => typedOf(random, 3) },
  buffer: { fate: "whole", make: (random) => bytesOf(random, pick(random, [0, 1, 7, 300])).buffer },
  "large-bytes": {
    fate: "whole",
    make: (random) => new Uint8Array(pick(random, [16_384, 16_385, 140_000])).fill(random() * 256),
  },
  "data-view": { fate: "whole", make: (random) => new DataView(bytesOf(random, 16).buffer, 3, 5) },
  "node-buffer": { fate: "cloned", make: () => global("Buffer")?.alloc(7, "bytes") },
  resizable: { fate: "either", make: () => new ArrayBuffer(8, { maxByteLength: 32 }) },
  "resizable-view": {
    fate: "either",
    make: () => new Uint8Array(new ArrayBuffer(8, { maxByteLength: 32 })),
  },
  "resizable-part": {
    fate: "either",
    make: () => new Uint16Array(new ArrayBuffer(8, { maxByteLength: 32 }), 2, 2),
  },
  "out-of-bounds": {
    fate: "refused",
    make: () => {
      const buffer = new ArrayBuffer(16, { maxByteLength: 32 });
      const view = new Uint8Array(buffer, 8, 4);
      buffer.resize(4);
      return view;
    },
  },
  detached: { fate: "refused", make: () => detached().buffer },
  "detached-view": { fate: "refused", make: () => detached().view },
  shared: { fate: "shared", make: () => made("SharedArrayBuffer", 8) },
  "shared-view": {
    fate: "shared",
    make: () =>
      typeof SharedArrayBuffer === "undefined"
        ? undefined
        : new Int32Array(new SharedArrayBuffer(8)),
  },
  "wasm-memory": {
    fate: "either",
    make: () =>
      global("WebAssembly") && new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 0, 4),
  },
};
