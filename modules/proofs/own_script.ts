// ownScript: the address of a script that only the proofs run.

/** Says where a script of `fixtures/scripts` beside this file lies. */
export function ownScript(name: string): string {
  return new URL(`./fixtures/scripts/${name}`, import.meta.url).href;
}
