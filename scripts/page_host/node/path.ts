// node:path of a page: for the suite's own paths, which have no dots and no double slashes.

export const join = (...parts: string[]): string => parts.join("/").replaceAll("//", "/");
export const dirname = (path: string): string => path.slice(0, path.lastIndexOf("/"));
