// The worker of naked_web_worker.ts. Its first message says how to answer the others.

import { answerer } from "./naked_answer.ts";

/** The part of a worker's global scope used here; the type checkers know only the main thread's. */
const scope = globalThis as unknown as {
  onmessage: (event: { data: unknown }) => void;
  postMessage(message: unknown, moved: ArrayBuffer[]): void;
};

scope.onmessage = ({ data: options }) => {
  const answer = answerer(options as Parameters<typeof answerer>[0]);
  scope.onmessage = ({ data }) => scope.postMessage(...answer(data));
};
