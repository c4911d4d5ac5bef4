// What a call of an actor does where the actor is: makes it of its class, has one of its methods run, or ends it. A worker loads
// this with its first actor.

import type { WireTask } from "../seam/messages.ts";
import type { AnyFunction } from "../task_source.ts";

/** The actor of each worker: one at most. */
const actors = new WeakMap<object, object>();

/** Names that lead to what all objects have. */
const REFUSED: ReadonlySet<string> = new Set(["constructor", "__proto__"]);

/**
 * Makes the function of a call.
 *
 * @param found What the actor's module exports: the class.
 * @param seat Whose actor it is.
 */
export function actorCall(
  found: AnyFunction,
  does: NonNullable<WireTask["does"]>,
  seat: object,
): AnyFunction {
  switch (does) {
    case "load":
      return () => undefined;
    case "new":
      return (...args) => {
        actors.delete(seat);
        actors.set(seat, Reflect.construct(found, args));
      };
    case "end":
      return () => {
        const actor = actors.get(seat) as Partial<AsyncDisposable & Disposable> | undefined;
        actors.delete(seat);
        if (typeof actor?.[Symbol.asyncDispose] === "function")
          return actor[Symbol.asyncDispose]?.();
        return actor?.[Symbol.dispose]?.();
      };
    default:
      return (...args) => methodOf(actors.get(seat), does.slice(1), found.name)(...args);
  }
}

/** Finds a method among an actor's own properties and those of its classes, and not what every object has. */
function methodOf(actor: object | undefined, name: string, className: string): AnyFunction {
  if (actor === undefined)
    throw new ReferenceError(`Cannot call ${className}.${name}: the actor is not here`);
  for (let holder = actor; holder !== null && holder !== Object.prototype; ) {
    if (Object.hasOwn(holder, name) && !REFUSED.has(name)) {
      const method = (actor as Record<string, unknown>)[name];
      if (typeof method === "function") return method.bind(actor);
      break;
    }
    holder = Object.getPrototypeOf(holder);
  }
  throw new TypeError(`Cannot call ${className}.${name}: it is no method`);
}
