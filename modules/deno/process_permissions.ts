// Permissions of a process: from what Deno's own workers take to the flags of `deno run`.

import { withCode } from "../core/errors.ts";

/** One kind of permission: all of it, none, as much as this program has, or for the paths, hosts, names that are listed. */
export type ProcessPermission<Item = string> = boolean | "inherit" | readonly Item[];

/** What a process may do, by kind, as for the workers of Deno. A kind that is not named is not allowed. */
export interface ProcessPermissionRecord {
  /** Reading and changing variables of the environment. */
  env?: ProcessPermission;
  /** Loading native libraries: paths. */
  ffi?: ProcessPermission<string | URL>;
  /** Importing code from hosts. */
  import?: ProcessPermission;
  /** Reaching hosts, or listening. */
  net?: ProcessPermission;
  /** Reading files and folders: paths. */
  read?: ProcessPermission<string | URL>;
  /** Running programs: names or paths. */
  run?: ProcessPermission<string | URL>;
  /** Asking about the system, by the names of Deno's functions. */
  sys?: ProcessPermission;
  /** Writing files and folders: paths. */
  write?: ProcessPermission<string | URL>;
}

/** What a process may do: as much as this program, nothing, or what a record says. */
export type ProcessPermissions = "inherit" | "none" | ProcessPermissionRecord;

const KINDS = ["env", "ffi", "import", "net", "read", "run", "sys", "write"] as const;

type Kind = (typeof KINDS)[number];
type Wish = ProcessPermission<string | URL>;

/**
 * Turns permissions into flags. What is not allowed is denied in so many words: to a command without any flag of this kind
 * Deno's `node:child_process` adds `--allow-all`, wherever in it Deno's name stands. (Code that a module imports by name is
 * never denied: see spawn_process.ts.) What this program has not got, its workers cannot be given.
 *
 * A program can ask whether it has a permission, not for which paths or hosts: one that is limited to some of them is
 * not inherited, and must be named.
 *
 * @throws {TypeError} For what is no permission.
 * @throws {Deno.errors.NotCapable} For one that this program has not got itself.
 */
export function permissionFlags(permissions: ProcessPermissions): string[] {
  const missing: string[] = [];
  const flags = flagsOfAll(permissions, missing);
  if (missing.length === 0) return flags;
  const what = `Cannot use permissions: this program has no ${missing.join(", and no ")} itself`;
  throw withCode(new Deno.errors.NotCapable(what), "CF_NOT_PERMITTED");
}

/** Tells of a module whether it is a file that flags of {@link permissionFlags} open to a process with the working directory `cwd`. */
export function readable(
  flags: readonly string[],
  cwd: string | undefined,
): (module: string) => boolean {
  const { resolve, sep } = process.getBuiltinModule("node:path");
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  const list =
    flags
      .find((flag) => flag.startsWith(READ))
      ?.slice(READ.length)
      .split(",") ?? [];
  return (module) => {
    if (list.length === 0 || !module.startsWith("file:")) return false;
    const path = fileURLToPath(module);
    const places = list.map((item) => resolve(cwd ?? "", item));
    return places.some((place) => {
      const folder = place.endsWith(sep) ? place : `${place}${sep}`;
      return path === place || path.startsWith(folder);
    });
  };
}

const READ = "--allow-read=";

/** The flags; what this program has not got itself is put on the list. */
function flagsOfAll(permissions: ProcessPermissions, missing: string[]): string[] {
  if (permissions === "none") return KINDS.flatMap((kind) => flagsOf(kind, false, missing));
  if (permissions === "inherit") return KINDS.flatMap((kind) => flagsOf(kind, "inherit", missing));
  if (typeof permissions !== "object" || permissions === null) {
    throw new TypeError(
      `Cannot use permissions: expected "inherit", "none" or a record, got ${String(permissions)}`,
    );
  }
  const unknown = Object.keys(permissions).find((kind) => !KINDS.includes(kind as Kind));
  if (unknown !== undefined)
    throw new TypeError(`Cannot use permissions: there is no permission "${unknown}"`);
  return KINDS.flatMap((kind) => flagsOf(kind, permissions[kind] ?? false, missing));
}

function flagsOf(kind: Kind, wish: Wish, missing: string[]): string[] {
  const denied = kind === "import" ? [] : [`--deny-${kind}`];
  if (wish === false) return denied;
  if (wish === "inherit") return has({ name: kind }) ? [`--allow-${kind}`] : denied;
  if (wish === true) {
    if (!has({ name: kind })) missing.push(`${kind} access`);
    return [`--allow-${kind}`];
  }
  if (!Array.isArray(wish) || !wish.every((item) => typeof item === "string" || isFileUrl(item))) {
    throw new TypeError(
      `Cannot use permissions: expected true, false, "inherit" or a list for "${kind}", got ${String(wish)}`,
    );
  }
  const items = wish.map((item) => (typeof item === "string" ? item : pathOf(item)));
  for (const item of items) {
    if (item === "" || item.includes(",")) {
      throw new TypeError(`Cannot use permissions: "${item}" is no ${kind} that can be allowed`);
    }
    if (!has(descriptorOf(kind, item))) missing.push(`${kind} access to "${item}"`);
  }
  return items.length === 0 ? denied : [`--allow-${kind}=${items.join(",")}`];
}

function has(descriptor: Deno.PermissionDescriptor): boolean {
  const { state, partial } = Deno.permissions.querySync(descriptor);
  return state === "granted" && !partial;
}

function descriptorOf(kind: Kind, item: string): Deno.PermissionDescriptor {
  switch (kind) {
    case "env":
      return { name: kind, variable: item };
    case "net":
    case "import":
      return { name: kind, host: item };
    case "run":
      return { name: kind, command: item };
    case "sys":
      return { name: kind, kind: item as never };
    default:
      return { name: kind, path: item };
  }
}

function isFileUrl(item: unknown): item is URL {
  return item instanceof URL && item.protocol === "file:";
}

function pathOf(url: URL): string {
  return process.getBuiltinModule("node:url").fileURLToPath(url);
}
