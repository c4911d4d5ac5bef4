// Tells what this program is, for workers that are to be it, on Deno.

/** This program: whether the executable is it (`deno compile`), and its main module. */
export function ownProgram() {
  return { isOneFile: Deno.build.standalone, main: () => ({ module: ownMain() }) };
}

/** A thread is not told which it is, but by its arguments. */
function ownMain(): URL {
  const main: string | undefined = Deno.mainModule;
  if (main !== undefined) return new URL(main);
  return process.getBuiltinModule("node:url").pathToFileURL(process.argv[1] ?? "");
}
