// The one task of a sandbox (sandbox.ts): runs code that is given as text.

/** Calls the default export of a module with arguments. */
export async function runCode(code: string, args: readonly unknown[]): Promise<unknown> {
  // Built here, and so with the rights of this process: what the code imports in turn is denied.
  const module = await import(`data:application/typescript,${encodeURIComponent(code)}`);
  if (typeof module.default !== "function") {
    throw new TypeError("Cannot run code: it has no default export that is a function");
  }
  return await module.default(...args);
}
