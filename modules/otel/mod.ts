/**
 * Traces of OpenTelemetry: from whoever submits a call to the code that runs in its worker.
 *
 * The package `@opentelemetry/api` is an optional peer: who imports this entry installs it, and an SDK of their choice.
 *
 * @module
 */
// The public entry of traces.

import "../core/disposal.ts";

export { type TraceOptions, trace } from "./trace.ts";
