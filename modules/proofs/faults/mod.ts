// All faults, in the order of a reader: workers first, then values, links and users, and whole programs last.
import { chaosFaults } from "./chaos.ts";
import { deathFaults } from "./deaths.ts";
import { endingFaults } from "./endings.ts";
import type { Fault } from "./fault.ts";
import { floodFaults } from "./floods.ts";
import { hookFaults } from "./hooks.ts";
import { hostileFaults } from "./hostile.ts";
import { hostFaults } from "./hosts.ts";
import { killFaults } from "./kills.ts";
import { lateFaults } from "./late.ts";
import { limitFaults } from "./limits.ts";
import { linkFaults } from "./link.ts";
import { loadingFaults } from "./loading.ts";
import { memoryFaults } from "./memory.ts";
import { sharingFaults } from "./sharing.ts";
import { soakFaults } from "./soak.ts";
import { startFaults } from "./starts.ts";
import { streamFaults } from "./streams.ts";
import { stuckFaults } from "./stuck.ts";
import { surroundingFaults } from "./surroundings.ts";
import { valueFaults } from "./values.ts";
import { warmFaults } from "./warm.ts";
import { wrapperFaults } from "./wrappers.ts";

/** The fault suite: what goes wrong, and what shall come of it, as data. */
export const faults: readonly Fault[] = [
  ...killFaults,
  ...deathFaults,
  ...lateFaults,
  ...memoryFaults,
  ...loadingFaults,
  ...startFaults,
  ...surroundingFaults,
  ...valueFaults,
  ...linkFaults,
  ...streamFaults,
  ...sharingFaults,
  ...warmFaults,
  ...wrapperFaults,
  ...floodFaults,
  ...limitFaults,
  ...hookFaults,
  ...endingFaults,
  ...hostFaults,
  ...hostileFaults,
  ...chaosFaults,
  ...soakFaults,
  ...stuckFaults,
];
