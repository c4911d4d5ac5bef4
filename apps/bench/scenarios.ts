// The table of scenarios, in the order they are run and printed.

import type { Scenario } from "./scenario.ts";
import { actor } from "./scenarios/actor.ts";
import { burst } from "./scenarios/burst.ts";
import { busyTrip } from "./scenarios/busy_trip.ts";
import { changingLoad } from "./scenarios/changing_load.ts";
import { coldStart } from "./scenarios/cold_start.ts";
import { cpuBound } from "./scenarios/cpu_bound.ts";
import { crowd } from "./scenarios/crowd.ts";
import { eventLoop } from "./scenarios/event_loop.ts";
import { factorial } from "./scenarios/factorial.ts";
import { group } from "./scenarios/group.ts";
import { idle } from "./scenarios/idle.ts";
import { interrupt } from "./scenarios/interrupt.ts";
import { keys } from "./scenarios/keys.ts";
import { longAmongShort } from "./scenarios/long_among_short.ts";
import { map } from "./scenarios/map.ts";
import { memoized } from "./scenarios/memoized.ts";
import { memory } from "./scenarios/memory.ts";
import { objects } from "./scenarios/objects.ts";
import { observer } from "./scenarios/observer.ts";
import { payloadCopied, payloadMoved } from "./scenarios/payload.ts";
import { queue } from "./scenarios/queue.ts";
import { roundTrip } from "./scenarios/round_trip.ts";
import { share } from "./scenarios/share.ts";
import { lock, shared } from "./scenarios/shared.ts";
import { stream, streamMoved } from "./scenarios/stream.ts";
import { traced } from "./scenarios/traced.ts";
import { uneven } from "./scenarios/uneven.ts";

export const SCENARIOS: readonly Scenario[] = [
  burst,
  map,
  stream,
  streamMoved,
  roundTrip,
  busyTrip,
  changingLoad,
  eventLoop,
  memoized,
  actor,
  share,
  lock,
  shared,
  uneven,
  longAmongShort,
  cpuBound,
  crowd,
  factorial,
  group,
  keys,
  objects,
  payloadCopied,
  payloadMoved,
  queue,
  coldStart,
  idle,
  memory,
  interrupt,
  observer,
  traced,
];
