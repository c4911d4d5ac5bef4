// node:util of a page: an object that says how it is to be shown is shown so.

const CUSTOM = Symbol.for("nodejs.util.inspect.custom");

export function inspect(value: unknown): string {
  const custom = (value as { [CUSTOM]?: () => string } | null)?.[CUSTOM];
  return custom === undefined ? String(value) : custom.call(value);
}
