// node:process of a page: a worker's way to end itself, and one process for all.

declare const close: () => void;

export default {
  pid: 1,
  exit: (): void => close(),
};
