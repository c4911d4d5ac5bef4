// Performs a run: reads the input, runs the jobs, writes what comes of them, and says how it ended. For map and for run.

import process from "node:process";
import type { CommandLine } from "./command_line.ts";
import { Intake } from "./input/intake.ts";
import { labelOf } from "./input/item.ts";
import { isTyped, openInput } from "./input/open_input.ts";
import { FileWriter } from "./output/file_writer.ts";
import { Output } from "./output/output.ts";
import { Screen } from "./output/screen.ts";
import { tagged } from "./output/tagged.ts";
import { isTerminal } from "./output/terminal.ts";
import { READER_GONE } from "./print.ts";
import { readCount, readDuration, readHalt, readRate } from "./quantities.ts";
import type { Joblog } from "./runner/joblog.ts";
import type { Launcher, Running } from "./runner/launcher.ts";
import { Pace } from "./runner/pace.ts";
import { Runner } from "./runner/runner.ts";
import { Signals } from "./signals.ts";
import { stillRunning, watch } from "./status.ts";
import { Summary } from "./summary.ts";
import type { Trace } from "./trace.ts";
import { UsageError, WRONG_USE } from "./usage_error.ts";

/** Beyond so many failed jobs, the exit code counts no further. */
const MOST_COUNTED = 100;

/** What a launcher needs to know of the run. */
export interface RunContext {
  /** Shows at once what a job says on the side; undefined where it is kept for a block. */
  readonly onPrinted: ((running: Running, text: string | Uint8Array) => void) | undefined;
  /** Says something on standard error. */
  readonly say: (text: string) => void;
}

/**
 * Performs a run.
 *
 * @param makeLauncher Makes what starts the jobs.
 * @returns The exit code.
 * @throws {UsageError} For what cannot be done, before anything has run.
 */
export async function perform(
  line: CommandLine,
  makeLauncher: (context: RunContext) => Promise<Launcher>,
): Promise<number> {
  const { flags } = line;
  const progress = flags["no-progress"] !== true;
  const screen = new Screen({
    progress: progress && !isTyped(line),
    verbose: flags.verbose === true,
  });
  const show = ({ job }: Running, text: string | Uint8Array) =>
    screen.print(whole(flags.tag ? tagged(text, labelOf(job.item)) : text));
  const how = { pace: paceOf(flags), retries: retriesOf(flags), halt: haltOf(flags) };
  const launcher = await makeLauncher({
    onPrinted: flags["line-buffer"] ? show : undefined,
    say: (text) => screen.print(text),
  });
  const input = await openInput(line);
  if (flags["dry-run"]) return await dryRun(new Intake(input, () => false), launcher);
  const joblog = await joblogOf(flags);
  const trace = await traceOf(flags);
  const intake = new Intake(input, (item) => joblog?.isDone(item) ?? false);
  const summary = new Summary();
  const runner = new Runner(
    { ...how, intake, launcher, output: outputOf(flags, screen, endAtOnce), joblog },
    (running, ending, ms) => {
      summary.note(running, ending);
      trace?.add(running, ending, ms);
      if (ending.printed !== undefined) show(running, ending.printed);
    },
  );
  const startedAt = performance.now();
  const signals = heedSignals(runner, screen, endAtOnce);
  screen.start(watch(runner, intake, signals));
  const fault = await runner.run().then(
    () => undefined,
    (error) => (error instanceof UsageError ? error : new UsageError(messageOf(error))),
  );
  if (fault !== undefined) launcher.kill();
  screen.close();
  trace?.close();
  joblog?.close();
  await launcher.close();
  const ms = performance.now() - startedAt;
  if (fault === undefined || runner.counts.done + runner.counts.failed > 0)
    screen.print(summary.lines(runner.counts, intake.skipped, ms, progress));
  if (fault !== undefined) throw fault;
  return signals.exitCode ?? Math.min(runner.counts.failed, MOST_COUNTED + 1);

  function endAtOnce(code: number): void {
    screen.close();
    launcher.kill();
    process.exit(code);
  }
}

async function dryRun(intake: Intake, launcher: Launcher): Promise<number> {
  const { printJobs } = await import("./dry_run.ts");
  await printJobs(intake, launcher);
  await launcher.close();
  return 0;
}

type Flags = CommandLine["flags"];

function paceOf(flags: Flags): Pace {
  if (flags.key !== undefined && flags.rate === undefined)
    throw new UsageError("Cannot use --key: it says what --rate counts for; give a rate");
  return new Pace({
    delay: flags.delay === undefined ? 0 : readDuration(String(flags.delay), "--delay"),
    every: flags.rate === undefined ? 0 : readRate(String(flags.rate), "--rate"),
    key: flags.key === undefined ? undefined : String(flags.key),
  });
}

function retriesOf({ retries }: Flags): number {
  return retries === undefined ? 0 : readCount(String(retries), "--retries");
}

function haltOf({ halt }: Flags) {
  return halt === undefined ? undefined : readHalt(String(halt));
}

/** Loaded only where it is asked for, as the trace: what is not loaded costs no start. */
async function joblogOf(flags: Flags): Promise<Joblog | undefined> {
  const again = flags["resume-failed"] ? "failed" : flags.resume === true;
  if (flags.joblog === undefined) {
    if (again === false) return undefined;
    throw new UsageError("Cannot resume: name the joblog of the earlier run by --joblog");
  }
  const { Joblog } = await import("./runner/joblog.ts");
  return new Joblog(String(flags.joblog), again);
}

async function traceOf({ trace }: Flags): Promise<Trace | undefined> {
  if (trace === undefined) return undefined;
  const { Trace } = await import("./trace.ts");
  return new Trace(String(trace));
}

function outputOf(flags: Flags, screen: Screen, endAtOnce: (code: number) => void): Output {
  // They share a terminal: one of them writes at a time.
  const asides =
    screen.isLive && isTerminal(1)
      ? { onBusy: () => screen.stepAside(), onIdle: () => screen.comeBack() }
      : {};
  const writer = new FileWriter(1, {
    ...asides,
    onError(error) {
      screen.close();
      if (error.code !== "EPIPE") screen.print(`futures: Cannot write results: ${error.message}\n`);
      endAtOnce(error.code === "EPIPE" ? READER_GONE : WRONG_USE);
    },
  });
  return new Output(writer, {
    keepOrder: flags["keep-order"] === true,
    lineBuffer: flags["line-buffer"] === true,
    tag: flags.tag === true,
  });
}

function heedSignals(runner: Runner, screen: Screen, endAtOnce: (code: number) => void): Signals {
  const answer = (text: string) => {
    screen.refresh();
    if (!screen.isLive) screen.print(`futures: ${text}\n`);
  };
  return new Signals({
    stop() {
      runner.stop();
      answer(stillRunning(runner));
    },
    interrupt() {
      runner.interrupt();
      answer("interrupting what runs");
    },
    endAtOnce,
  });
}

/** A block ends with a line end, whatever a job has printed last. */
function whole(piece: string | Uint8Array): string | Uint8Array {
  if (typeof piece === "string") return piece.endsWith("\n") ? piece : `${piece}\n`;
  return piece.at(-1) === 10 ? piece : new Uint8Array([...piece, 10]);
}

function messageOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === "BrokenExecutorError" && cause instanceof Error) return messageOf(cause);
  return message || String(error);
}
