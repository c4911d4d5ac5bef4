// Objects of the platform.

import { bytesOf, global, type Kind, made, pick } from "../kind.ts";

/** Made once: there is no other way than to wait for it. */
const key = await globalThis.crypto?.subtle
  ?.generateKey({ name: "AES-GCM", length: 128 }, true, ["encrypt"])
  .catch(() => undefined);

const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** Objects of the platform, by the names of the kinds. */
export const PLATFORM: Readonly<Record<string, Kind>> = {
  blob: {
    fate: "either",
    make: (random) => made("Blob", [bytesOf(random, 5)], { type: "text/x" }),
  },
  file: {
    fate: "either",
    make: () => made("File", ["content"], "a name.txt", { type: "text/plain", lastModified: 7 }),
  },
  url: { fate: "either", make: () => new URL("https://user@example.org:8/path?query=1#hash") },
  search: { fate: "either", make: () => new URLSearchParams("a=1&a=2&b=%F0") },
  headers: {
    fate: "either",
    make: () =>
      made("Headers", [
        ["a", "1"],
        ["b", "2"],
      ]),
  },
  form: { fate: "refused", make: () => made("FormData") },
  request: { fate: "refused", make: () => made("Request", "https://example.org/") },
  response: { fate: "refused", make: () => made("Response", "text") },
  signal: {
    fate: "refused",
    make: (random) =>
      pick(random, [
        () => AbortSignal.abort(1),
        () => new AbortController().signal,
        () => new AbortController(),
      ])(),
  },
  event: {
    fate: "refused",
    make: (random) => pick(random, [() => new Event("x"), () => new EventTarget()])(),
  },
  stream: {
    fate: "refused",
    make: (random) => made(pick(random, ["ReadableStream", "WritableStream", "TransformStream"])),
  },
  coder: { fate: "refused", make: (random) => made(pick(random, ["TextEncoder", "TextDecoder"])) },
  port: { fate: "refused", make: () => new MessageChannel().port1 },
  channel: { fate: "refused", make: () => new MessageChannel() },
  key: { fate: "either", make: () => key },
  exception: {
    fate: "either",
    make: (random) =>
      new DOMException("message", pick(random, ["QuotaExceededError", "DataCloneError", "Odd"])),
  },
  "wasm-module": {
    fate: "cloned",
    make: () => global("WebAssembly") && new WebAssembly.Module(EMPTY_MODULE),
  },
  "wasm-object": {
    fate: "refused",
    make: () => global("WebAssembly") && new WebAssembly.Memory({ initial: 1 }),
  },
};
