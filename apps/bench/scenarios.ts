// The table of scenarios, in the order they are run and printed.

import type { Scenario } from "./scenario.ts";
import { burst } from "./scenarios/burst.ts";
import { map } from "./scenarios/map.ts";
import { roundTrip } from "./scenarios/round_trip.ts";

export const SCENARIOS: readonly Scenario[] = [burst, map, roundTrip];
