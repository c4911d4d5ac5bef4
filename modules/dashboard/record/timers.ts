// A timer that nobody waits for: it must not keep a program alive that is done otherwise.

import { clearInterval, setInterval } from "node:timers";

/** Calls `action` again and again, until disposed. */
export function every(ms: number, action: () => void): Disposable {
  const timer = setInterval(action, ms);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
