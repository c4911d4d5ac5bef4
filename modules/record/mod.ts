/**
 * What executors did, to be looked at afterwards: as a trace that Perfetto and Chrome open.
 *
 * @module
 */
// The public entry of recordings.

import "../core/disposal.ts";

export { Histogram } from "../core/histogram.ts";
export { Recording, type RecordOptions, record } from "./recording.ts";
export {
  type Traced,
  type TracedCall,
  type TracedExecutor,
  type TracedMoment,
  type TracedRun,
  traceText,
} from "./trace.ts";
