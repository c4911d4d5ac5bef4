// node:fs of a page: what the conformance suite uses of it, by requests that block, as the calls do (../files.ts).
//
// Gates and logs must be seen by pages and workers alike, also by a busy loop: nothing else of a browser is.

/** Asks the host to do it. */
function call(name: string, ...args: unknown[]): unknown {
  const request = new XMLHttpRequest();
  request.open("POST", "/files", false);
  request.send(JSON.stringify({ name, args }));
  const { value, error } = JSON.parse(request.responseText);
  if (error !== undefined) throw new Error(error);
  return value;
}

export const appendFileSync = (path: string, text: string): void => {
  call("appendFileSync", path, text);
};
export const existsSync = (path: string): boolean => call("existsSync", path) as boolean;
export const mkdtempSync = (prefix: string): string => call("mkdtempSync", prefix) as string;
export const readFileSync = (path: string): string => call("readFileSync", path) as string;
export const rmSync = (path: string): void => {
  call("rmSync", path);
};
export const writeFileSync = (path: string, text: string): void => {
  call("writeFileSync", path, text);
};

interface BlockingRequest {
  open(method: string, address: string, asynchronous: false): void;
  send(body: string): void;
  readonly responseText: string;
}
declare const XMLHttpRequest: new () => BlockingRequest;
