// node:child_process of a page: there is none, and the suite's cases about programs do not apply.

export function spawn(): never {
  throw new TypeError("Cannot start program: this is a page");
}
