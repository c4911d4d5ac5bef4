// TaskTable: the names by which both sides of a queue know the modules of their tasks. Each has its own address for a name.

import { assertString } from "../core/checks.ts";

/**
 * Modules of tasks by their names: `{ jobs: new URL("./jobs.ts", import.meta.url) }`. The same names on both sides, whose
 * files may lie anywhere. A new version of a module whose tasks take other arguments gets a name of its own, `jobs@2`, and
 * runs beside the old one.
 */
export type TaskTable = Readonly<Record<string, URL | string>>;

/** A table that is read. */
export class TaskModules {
  readonly #addresses = new Map<string, string>();
  readonly #names = new Map<string, string>();

  /** @throws {TypeError} For what is no table, or an address that is not absolute. */
  constructor(table: TaskTable) {
    if (typeof table !== "object" || table === null)
      throw new TypeError(`Cannot use tasks: expected a table of modules by name`);
    for (const [name, address] of Object.entries(table)) {
      if (!(address instanceof URL)) assertString(address, `tasks.${name}`);
      const url = URL.parse(String(address));
      if (url === null || name === "" || name.length > 200)
        throw new TypeError(
          `Cannot use tasks: "${name}" has no absolute URL; write new URL("./${name}.ts", import.meta.url)`,
        );
      this.#addresses.set(name, url.href);
      this.#names.set(url.href, name);
    }
  }

  get names(): string[] {
    return [...this.#addresses.keys()];
  }

  /** Where the module of this name is, here. */
  addressOf(name: string): string | undefined {
    return this.#addresses.get(name);
  }

  /** The name of a module that lies here. */
  nameOf(address: string): string | undefined {
    return this.#names.get(address);
  }
}
