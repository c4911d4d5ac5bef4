// Loads a peer by its name. The type checkers must not look for it: it is installed by the bench only.

/** Where the tasks are, for peers that take the name of a file. */
export const TASKS_URL: URL = new URL("../tasks.ts", import.meta.url);

/** @typeParam M the part of the peer's module that is used. */
export async function load<M>(name: string): Promise<M> {
  return await import(name);
}
