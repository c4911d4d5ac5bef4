// Tells whether a file is there, without asking anybody for the permission to look.

/** What of Deno is looked at here. */
interface WithPermissions {
  readonly Deno?: {
    readonly permissions: {
      querySync(what: { name: "read"; path: string }): { readonly state: string };
    };
  };
}

/** Whether a file is there; undefined where this program may not know. */
export function isThere(path: string): boolean | undefined {
  const { Deno } = globalThis as WithPermissions;
  // A look without permission would ask for it, on a terminal.
  if (Deno && Deno.permissions.querySync({ name: "read", path }).state !== "granted")
    return undefined;
  return process.getBuiltinModule("node:fs").existsSync(path);
}
