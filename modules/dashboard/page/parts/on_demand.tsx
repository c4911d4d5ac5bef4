// onDemand: a component whose code is fetched when it is first drawn, so that the first screen does not wait for it.

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { attempt } from "../notices.ts";

/** Makes a component of one that is not here yet: nothing, until it is. What is fetched once, is there at once from then on. */
export function onDemand<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  const loaded = signal<{ readonly component: ComponentType<Props> } | undefined>(undefined);
  return function OnDemand(props) {
    useEffect(() => {
      if (loaded.peek() !== undefined) return;
      attempt(async () => {
        const component = await load().catch((cause) => {
          throw new Error("Cannot show this: reload the page, its server has another one by now", {
            cause,
          });
        });
        loaded.value = { component };
      });
    }, []);
    const Component = loaded.value?.component;
    return Component ? <Component {...props} /> : null;
  };
}
