// Performs a run: reads the input, runs the jobs, writes what comes of them, and says how it ended. For map and for run.

import process from "node:process";
import type { CommandLine } from "./command_line.ts";
import { Intake } from "./input/intake.ts";
import { type Job, labelOf } from "./input/item.ts";
import { openInput } from "./input/open_input.ts";
import { FileWriter } from "./output/file_writer.ts";
import type { Status } from "./output/frame.ts";
import { Output } from "./output/output.ts";
import { Screen } from "./output/screen.ts";
import { tagged } from "./output/tagged.ts";
import { readCount, readDuration, readHalt, readRate } from "./quantities.ts";
import { Joblog } from "./runner/joblog.ts";
import type { Launcher, Running } from "./runner/launcher.ts";
import { Pace } from "./runner/pace.ts";
import { Runner } from "./runner/runner.ts";
import { Signals } from "./signals.ts";
import { Summary } from "./summary.ts";
import { Trace } from "./trace.ts";
import { UsageError } from "./usage_error.ts";

/** A shell's exit code for a program whose reader has gone. */
const READER_GONE = 141;

/** Beyond so many failed jobs, the exit code counts no further. */
const MOST_COUNTED = 100;

/** How long the rate looks back. */
const RATE_MS = 5000;

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
  const keepsTag = flags.tag === true;
  const screen = new Screen({
    progress: flags["no-progress"] !== true,
    verbose: flags.verbose === true,
  });
  const show = ({ job }: Running, text: string | Uint8Array) =>
    screen.print(whole(keepsTag ? tagged(text, labelOf(job.item)) : text));
  const pace = paceOf(flags);
  const retries = flags.retries === undefined ? 0 : readCount(String(flags.retries), "--retries");
  const halt = flags.halt === undefined ? undefined : readHalt(String(flags.halt));
  const launcher = await makeLauncher({
    onPrinted: flags["line-buffer"] ? show : undefined,
    say: (text) => screen.print(text),
  });
  const input = await openInput(line);
  if (flags["dry-run"]) return await printOnly(new Intake(input, () => false), launcher);
  const joblog = joblogOf(flags);
  const trace = flags.trace === undefined ? undefined : new Trace(String(flags.trace));

  const sharesTerminal = process.stdout.isTTY === true && screen.isLive;
  const writer = new FileWriter(1, {
    ...(sharesTerminal
      ? { onBusy: () => screen.stepAside(), onIdle: () => screen.comeBack() }
      : {}),
    onError(error) {
      screen.close();
      if (error.code !== "EPIPE") screen.print(`futures: Cannot write results: ${error.message}\n`);
      exitAtOnce(error.code === "EPIPE" ? READER_GONE : 102);
    },
  });
  const output = new Output(writer, {
    keepOrder: flags["keep-order"] === true,
    lineBuffer: flags["line-buffer"] === true,
    tag: keepsTag,
  });
  const intake = new Intake(input, (item) => joblog?.isDone(item) ?? false);
  const summary = new Summary();
  const runner = new Runner(
    { intake, pace, launcher, output, joblog, retries, halt },
    (running, ending, ms) => {
      summary.note(running, ending);
      trace?.add(running, ending, ms);
      if (ending.printed !== undefined) show(running, ending.printed);
    },
  );
  const startedAt = performance.now();
  const signals = new Signals({
    stop() {
      runner.stop();
      screen.refresh();
      if (!screen.isLive) screen.print(`futures: ${stillRunning(runner)}\n`);
    },
    interrupt() {
      runner.interrupt();
      screen.refresh();
      if (!screen.isLive) screen.print("futures: interrupting what runs\n");
    },
    endAtOnce: exitAtOnce,
  });
  const rate = new Rate();
  const status = (): Status => {
    const now = performance.now();
    const { done, failed } = runner.counts;
    const total = runner.isStopped ? undefined : intake.ended ? intake.taken : intake.total;
    return {
      done,
      failed,
      skipped: intake.skipped,
      total,
      ms: now - startedAt,
      rate: rate.of(done + failed, now),
      running: [...runner.running].slice(0, 1000).map(({ job, slot, startedAt }) => ({
        label: labelOf(job.item),
        ms: now - startedAt,
        slot,
      })),
      note:
        signals.interrupts === 1
          ? stillRunning(runner)
          : signals.interrupts > 1
            ? "interrupting; Ctrl-C again ends at once"
            : undefined,
    };
  };
  screen.start(status);
  try {
    await runner.run();
  } catch (error) {
    launcher.kill();
    await launcher.close();
    throw error instanceof UsageError ? error : new UsageError(messageOf(error));
  } finally {
    screen.close();
    trace?.close();
    joblog?.close();
  }
  await launcher.close();
  const ms = performance.now() - startedAt;
  screen.print(summary.lines(runner.counts, intake.skipped, ms, flags["no-progress"] !== true));
  return signals.exitCode ?? Math.min(runner.counts.failed, MOST_COUNTED + 1);

  function exitAtOnce(code: number): void {
    screen.close();
    launcher.kill();
    process.exit(code);
  }
}

function paceOf(flags: CommandLine["flags"]): Pace {
  if (flags.key !== undefined && flags.rate === undefined)
    throw new UsageError("Cannot use --key: it says what --rate counts for; give a rate");
  return new Pace({
    delay: flags.delay === undefined ? 0 : readDuration(String(flags.delay), "--delay"),
    every: flags.rate === undefined ? 0 : readRate(String(flags.rate), "--rate"),
    key: flags.key === undefined ? undefined : String(flags.key),
  });
}

function joblogOf(flags: CommandLine["flags"]): Joblog | undefined {
  const again = flags["resume-failed"] ? "failed" : flags.resume === true;
  if (flags.joblog === undefined) {
    if (again === false) return undefined;
    throw new UsageError("Cannot resume: name the joblog of the earlier run by --joblog");
  }
  return new Joblog(String(flags.joblog), again);
}

async function printOnly(intake: Intake, launcher: Launcher): Promise<number> {
  const print = (jobs: readonly Job[]) =>
    new Promise<void>((resolve) => {
      const text = jobs.map((job) => `${launcher.commandOf(job)}\n`).join("");
      process.stdout.write(text, () => resolve());
    });
  while (!intake.ended) {
    await intake.more();
    await print(intake.take(1000));
  }
  await launcher.close();
  return 0;
}

/** A block ends with a line end, whatever a job has printed last. */
function whole(piece: string | Uint8Array): string | Uint8Array {
  if (typeof piece === "string") return piece.endsWith("\n") ? piece : `${piece}\n`;
  return piece.at(-1) === 10 ? piece : new Uint8Array([...piece, 10]);
}

function stillRunning(runner: Runner): string {
  const labels = [...runner.running].map(({ job }) => labelOf(job.item));
  const shown = labels.slice(0, 3).join(", ");
  const more = labels.length > 3 ? ` and ${labels.length - 3} more` : "";
  return `no more are started; ${labels.length} still running${shown && ": "}${shown}${more}; Ctrl-C again interrupts`;
}

function messageOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === "BrokenExecutorError" && cause instanceof Error) return messageOf(cause);
  return message || String(error);
}

/** Results in a second, over the last seconds. */
class Rate {
  readonly #samples: { at: number; ended: number }[] = [];

  of(ended: number, now: number): number {
    this.#samples.push({ at: now, ended });
    while (this.#samples.length > 2 && now - (this.#samples[0]?.at ?? now) > RATE_MS)
      this.#samples.shift();
    const first = this.#samples[0] as { at: number; ended: number };
    return now > first.at ? ((ended - first.ended) * 1000) / (now - first.at) : 0;
  }
}
