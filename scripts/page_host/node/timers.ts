// node:timers of a page: the next turn of the event loop, which setTimeout() reaches only after milliseconds.

const waiting = new Map<number, () => void>();
const turn = new MessageChannel();
let last = 0;

turn.port1.onmessage = ({ data }) => {
  const then = waiting.get(data);
  waiting.delete(data);
  then?.();
};

export function setImmediate(then: () => void): number {
  waiting.set(++last, then);
  turn.port2.postMessage(last);
  return last;
}

export function clearImmediate(id: number): void {
  waiting.delete(id);
}
