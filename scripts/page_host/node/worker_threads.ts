// node:worker_threads of a page: which of its threads this is.

export const threadId: number =
  "document" in globalThis ? 0 : 1 + Math.floor(Math.random() * 2 ** 31);
