// node:os of a page.

export const availableParallelism = (): number => navigator.hardwareConcurrency;
export const tmpdir = (): string => "/";
