// The command of a script that tries executors and reports: what it may do on Deno.

/** Starts such a script on Deno; what is read of it is what it prints. */
export function denoReporter(
  script: string,
  ...more: readonly string[]
): readonly [program: string, ...args: string[]] {
  const may = ["read", "write", "env", "sys", "run", "ffi"].map((what) => `--allow-${what}`);
  return [Deno.execPath(), "run", "--quiet", "--no-check", ...may, ...more, script];
}
