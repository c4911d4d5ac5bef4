// All cases, in the order of a reader: the future first, whole programs last.
import type { ConformanceCase } from "../conformance_case.ts";
import { actorCases } from "./actors.ts";
import { affinityCases } from "./affinity.ts";
import { asCompletedCases } from "./as_completed.ts";
import { asyncContextCases } from "./async_context.ts";
import { broadcastCases } from "./broadcast.ts";
import { bystanderCases } from "./bystanders.ts";
import { channelCases } from "./channels.ts";
import { consoleCases } from "./console.ts";
import { crashCases } from "./crash.ts";
import { deadlockCases } from "./deadlock.ts";
import { debugCases } from "./debug.ts";
import { decoratorsCases } from "./decorators.ts";
import { differencesCases } from "./differences.ts";
import { disguiseCases } from "./disguises.ts";
import { errorsCases } from "./errors.ts";
import { flatMapCases } from "./flat_map.ts";
import { futureCases } from "./future.ts";
import { futureContractCases } from "./future_contract.ts";
import { heartbeatCases } from "./heartbeat.ts";
import { hostileCases } from "./hostile.ts";
import { initializerCases } from "./initializer.ts";
import { interruptCases } from "./interrupt.ts";
import { keysCases } from "./keys.ts";
import { lateCases } from "./late.ts";
import { loadingCases } from "./loading.ts";
import { mapCases } from "./map.ts";
import { mapContractCases } from "./map_contract.ts";
import { mapEndCases } from "./map_end.ts";
import { mapEntriesCases } from "./map_entries.ts";
import { mapLimitsCases } from "./map_limits.ts";
import { memoryCases } from "./memory.ts";
import { namingCases } from "./naming.ts";
import { nestedCallsCases } from "./nested_calls.ts";
import { numbersCases } from "./numbers.ts";
import { observeCases } from "./observe.ts";
import { oddOutcomesCases } from "./odd_outcomes.ts";
import { orderCases } from "./order.ts";
import { pausesCases } from "./pauses.ts";
import { prioritiesCases } from "./priorities.ts";
import { queueTimesCases } from "./queue_times.ts";
import { raceCases } from "./races.ts";
import { ratesCases } from "./rates.ts";
import { reentryCases } from "./reentry.ts";
import { registeredClassesCases } from "./registered_classes.ts";
import { rejectionsCases } from "./rejections.ts";
import { reloadCases } from "./reload.ts";
import { resizeCases } from "./resize.ts";
import { retriesCases } from "./retries.ts";
import { retriesOfErrorsCases } from "./retries_of_errors.ts";
import { scriptCases } from "./scripts.ts";
import { seamCases } from "./seam.ts";
import { seeingInsideCases } from "./seeing_inside.ts";
import { sharedValueCases } from "./shared_values.ts";
import { shutdownCases } from "./shutdown.ts";
import { startOptionsCases } from "./start_options.ts";
import { streamEndCases } from "./stream_ends.ts";
import { streamLoopCases } from "./stream_loops.ts";
import { streamValuesCases } from "./stream_values.ts";
import { streamCases } from "./streams.ts";
import { submitCases } from "./submit.ts";
import { deadlockOfLocksCases } from "./sync_deadlocks.ts";
import { handleCases } from "./sync_handles.ts";
import { sharedKindsCases } from "./sync_kinds.ts";
import { lockCases } from "./sync_locks.ts";
import { sleepingCases } from "./sync_sleeping.ts";
import { taskGroupCases } from "./task_groups.ts";
import { taskOptionsCases } from "./task_options.ts";
import { terminateCases } from "./terminate.ts";
import { transferCases } from "./transfers.ts";
import { unknownOptionsCases } from "./unknown_options.ts";
import { unobservedCases } from "./unobserved.ts";
import { validationCases } from "./validation.ts";
import { valuesCases } from "./values.ts";
import { waitCases } from "./wait.ts";
import { warmCases } from "./warm.ts";
import { workersCases } from "./workers.ts";
import { wrappedWaitsCases } from "./wrapped_waits.ts";
import { wrappersCases } from "./wrappers.ts";

/**
 * The conformance suite: every promise of the contract, as data.
 *
 * @example No two cases share a name
 * ```ts
 * import { conformanceCases } from "@concurrent/futures/testing";
 * import assert from "node:assert/strict";
 *
 * const ids = conformanceCases.map(({ id }) => id);
 * assert.equal(new Set(ids).size, ids.length);
 * ```
 */
export const conformanceCases: readonly ConformanceCase[] = [
  ...futureCases,
  ...futureContractCases,
  ...submitCases,
  ...loadingCases,
  ...namingCases,
  ...wrappersCases,
  ...wrappedWaitsCases,
  ...decoratorsCases,
  ...taskOptionsCases,
  ...transferCases,
  ...disguiseCases,
  ...retriesCases,
  ...retriesOfErrorsCases,
  ...queueTimesCases,
  ...mapCases,
  ...mapContractCases,
  ...mapEndCases,
  ...mapEntriesCases,
  ...mapLimitsCases,
  ...streamCases,
  ...streamValuesCases,
  ...streamEndCases,
  ...streamLoopCases,
  ...flatMapCases,
  ...waitCases,
  ...asCompletedCases,
  ...taskGroupCases,
  ...observeCases,
  ...seeingInsideCases,
  ...consoleCases,
  ...debugCases,
  ...unobservedCases,
  ...orderCases,
  ...prioritiesCases,
  ...pausesCases,
  ...keysCases,
  ...ratesCases,
  ...asyncContextCases,
  ...rejectionsCases,
  ...lateCases,
  ...raceCases,
  ...reentryCases,
  ...hostileCases,
  ...oddOutcomesCases,
  ...interruptCases,
  ...bystanderCases,
  ...workersCases,
  ...channelCases,
  ...lockCases,
  ...handleCases,
  ...sharedKindsCases,
  ...sleepingCases,
  ...deadlockOfLocksCases,
  ...nestedCallsCases,
  ...resizeCases,
  ...heartbeatCases,
  ...initializerCases,
  ...warmCases,
  ...broadcastCases,
  ...actorCases,
  ...affinityCases,
  ...startOptionsCases,
  ...sharedValueCases,
  ...errorsCases,
  ...shutdownCases,
  ...terminateCases,
  ...deadlockCases,
  ...crashCases,
  ...memoryCases,
  ...validationCases,
  ...numbersCases,
  ...valuesCases,
  ...registeredClassesCases,
  ...unknownOptionsCases,
  ...differencesCases,
  ...seamCases,
  ...scriptCases,
  ...reloadCases,
];
