// Tells what this program may do, and finds, without asking anybody for a permission: on Deno a look would, on a terminal.

/** What of Deno is looked at here. */
interface WithPermissions {
  readonly Deno?: {
    readonly permissions: { querySync(what: Permission): { readonly state: string } };
  };
}

type Permission =
  | { readonly name: "read" | "write"; readonly path: string }
  | { readonly name: "run"; readonly command: string };

/** Whether a file is there; undefined where this program may not know. */
export function isThere(path: string): boolean | undefined {
  if (!isAllowed({ name: "read", path })) return undefined;
  return process.getBuiltinModule("node:fs").existsSync(path);
}

/** Whether this program may start another, whose file is there. A bare name says nothing of where it is. */
export function mayRun(command: string): boolean {
  const isName = !/[\\/]/.test(command);
  return isAllowed({ name: "run", command }) && (isName || isThere(command) !== false);
}

/** Whether this program may make files in a folder. */
export function mayFill(path: string): boolean {
  return isAllowed({ name: "write", path }) && isAllowed({ name: "read", path });
}

/** Where there are no permissions, everything is. */
function isAllowed(what: Permission): boolean {
  const { Deno } = globalThis as WithPermissions;
  return Deno === undefined || Deno.permissions.querySync(what).state === "granted";
}
