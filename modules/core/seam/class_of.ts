// The class of an object, asked without running anybody's code: whose it is, and what it is called.

/** What the platform itself calls by a name. Looked up now: what programs add later are classes of their own. */
const PLATFORM_NAMES = new Set(Object.getOwnPropertyNames(globalThis));

/** How many prototypes are looked at: a chain may be endless, if proxies are in it. */
const MAX_CHAIN = 64;

/** The prototypes of an object, nearest first, but for that of all objects. */
export function prototypesOf(object: object): object[] {
  const prototypes: object[] = [];
  let prototype: object | null = Object.getPrototypeOf(object);
  while (prototype !== null && prototypes.length < MAX_CHAIN && !isRoot(prototype)) {
    prototypes.push(prototype);
    prototype = Object.getPrototypeOf(prototype);
  }
  return prototypes;
}

/** Whether an object has no class: its prototype is that of all objects, in whatever realm, or there is none. */
export function isClassless(object: object): boolean {
  const prototype = Object.getPrototypeOf(object);
  return prototype === null || isRoot(prototype);
}

/** The name of the class a prototype belongs to. */
export function classNameOf(prototype: object): string | undefined {
  const maker = own(prototype, "constructor");
  const name = typeof maker === "function" ? own(maker, "name") : undefined;
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** The name of the class of the platform that an object is of, or whose subclass; undefined for a program's own. */
export function platformClassOf(object: object): string | undefined {
  for (const prototype of prototypesOf(object)) {
    const name = classNameOf(prototype);
    if (name === undefined || !PLATFORM_NAMES.has(name)) continue;
    if (platformClass(name)?.prototype === prototype) return name;
  }
  return undefined;
}

/** A class of the platform by its name. Some are made when they are first asked for: only for what exists already. */
export function platformClass(name: string): { readonly prototype: object } | undefined {
  const found: unknown = (globalThis as Record<string, unknown>)[name];
  return typeof found === "function" ? found : undefined;
}

/** The prototype of all objects, of whatever realm. */
function isRoot(prototype: object): boolean {
  if (prototype === Object.prototype) return true;
  return (
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, "isPrototypeOf") &&
    Object.hasOwn(prototype, "hasOwnProperty")
  );
}

/** A field of an object itself, if it is no getter. */
function own(object: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}
