// Measures the page in a real browser: how soon it is usable, the lanes with 10,000 bars, and 100,000 jobs in one batch.
//
// It prints what it saw and fails where the counts are not exact. How fast a machine is is for whoever reads the figures.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { delay } from "deno-std/async/delay.js";
import type { Browser, Page } from "playwright-core";
import type { Counts } from "../../modules/dashboard/contract.ts";
import { launchChromium } from "../../scripts/chromium.ts";

const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));

/** What the issue asks for. */
const JOBS = 100_000;
const BARS = 10_000;

/** How much slower a processor is that the page must do with, too. */
const SLOWER = 6;

/** Seconds of frames that are looked at once all bars are there. */
const WATCHED_SECONDS = 5;

/** Frames of the page since its measuring began: how many, and the longest, in milliseconds. */
interface Frames {
  readonly count: number;
  readonly seconds: number;
  readonly longest: number;
  readonly over16: number;
}

async function main(): Promise<void> {
  await using browser = await launchChromium();
  const viewport = { width: 1360, height: 900 };

  await using server = start();
  const page = await browser.newPage({ viewport });
  await page.goto(await server.address);
  await page.getByRole("button", { name: /A mixed load/ }).waitFor();
  print("cold start, from the command to a usable page", `${seconds(server.sinceStart())}`);

  for (const slower of [1, SLOWER]) {
    const { cold, warm, busy } = await usable(browser, await server.address, slower);
    const what = slower === 1 ? "usable" : `usable, processor ${slower} times slower`;
    const own = `of the page's own processor time ${seconds(busy)}`;
    print(what, `cold ${seconds(cold)}, warm ${seconds(warm)}, ${own}`);
  }
  await lanes(page, await server.address);
  await manyJobs(page, await server.address, server.pid);
}

/**
 * Milliseconds until a visitor can press a button and sees true figures: on the first visit, and the middle of later ones;
 * and how long the page's thread worked for one of these, which is the same however busy the machine is.
 */
async function usable(browser: Browser, address: string, slower: number) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 } });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: slower });
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const worked = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0);
  };
  await page.addInitScript(`{
    const look = () => {
      const known = /\\d/.test(document.querySelector(".tally")?.textContent ?? "");
      if (known && document.querySelector(".race button")) window.usableAt ??= performance.now();
      else requestAnimationFrame(look);
    };
    look();
  }`);
  const times: number[] = [];
  const works: number[] = [];
  for (let visit = 0; visit < 6; visit++) {
    const before = await worked();
    await page.goto(address);
    const at = `new Promise((resolve) => {
      const look = () => (window.usableAt ? resolve(usableAt) : requestAnimationFrame(look));
      look();
    })`;
    times.push((await page.evaluate(at)) as number);
    const after = await worked();
    works.push(after < before ? after : after - before);
  }
  await context.close();
  const [cold = 0, ...later] = times;
  const middle = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1] as number;
  return { cold, warm: middle(later), busy: middle(works.slice(1)) };
}

/** Ten thousand bars in view: sixty frames a second means that one takes 16.7 ms at most. */
async function lanes(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByRole("application", { name: /Timeline/ }).waitFor();
  // Tasks of about a millisecond, so that each is a bar of its own.
  const body = { kind: "sleep", executor: "loop", count: BARS, parameters: { ms: 1 } };
  await submit(address, body);
  await settled(address, BARS);
  await page.getByRole("button", { name: "Show everything" }).click();
  const seen = page.locator(".lanes-foot span").first();
  const bars = Number((await seen.textContent())?.replaceAll(",", "").match(/\d+/)?.[0]);
  // Pans to and fro, so that every frame has all of them to paint anew.
  await page.evaluate(`{
    const view = document.querySelector(".lanes-view");
    let left = true;
    window.panning = true;
    requestAnimationFrame(function pan() {
      left = !left;
      view.dispatchEvent(new KeyboardEvent("keydown", { key: left ? "ArrowLeft" : "ArrowRight", bubbles: true }));
      if (panning) requestAnimationFrame(pan);
    });
  }`);
  const frames = await watch(page, async () => {
    await page.waitForTimeout(WATCHED_SECONDS * 1000);
  });
  await page.evaluate("panning = false");
  print(`the lanes hold ${bars} drawn bars and are panned`, said(frames));
}

/** A hundred thousand short jobs, with their table in view. */
async function manyJobs(page: Page, address: string, pid: number): Promise<void> {
  await page.goto(`${address}?view=jobs`);
  const before = await countsOf(address);
  const finished = page
    .getByRole("group", { name: "States" })
    .getByRole("button", { name: "finished" });
  const wanted = before.states.finished + JOBS;
  using memory = new Peak(pid);
  const began = performance.now();
  const frames = await watch(page, async () => {
    const entry = { kind: "echo", executor: "threads", count: 10_000, parameters: {} };
    await submit(
      address,
      Array.from({ length: JOBS / 10_000 }, () => entry),
    );
    await settled(address, wanted);
    print(`${JOBS} jobs, from the request to the last outcome`, seconds(performance.now() - began));
    await finished.getByText(wanted.toLocaleString("en")).waitFor({ timeout: 60_000 });
    await page.getByRole("button", { name: `Open job ${before.total + JOBS},` }).waitFor();
  });
  print("the page meanwhile", said(frames));
  print("the server's memory, at most", `${(memory.most / 1e6).toFixed(0)} MB`);
  const { states, total } = await countsOf(address);
  const exact = states.finished === wanted && total === before.total + JOBS;
  print("counts at the end", exact ? "exact" : `WRONG: ${JSON.stringify(states)}`);
  if (!exact) process.exitCode = 1;
}

/** Runs something while every frame of the page is timed. */
async function watch(page: Page, action: () => Promise<void>): Promise<Frames> {
  await page.evaluate(`{
    const frames = window.frames_ = { times: [], last: performance.now(), stop: false };
    requestAnimationFrame(function next(now) {
      frames.times.push(now - frames.last);
      frames.last = now;
      if (!frames.stop) requestAnimationFrame(next);
    });
  }`);
  await action();
  const times = (await page.evaluate("frames_.stop = true, frames_.times")) as number[];
  return {
    count: times.length,
    seconds: times.reduce((sum, time) => sum + time, 0) / 1000,
    longest: Math.max(...times),
    over16: times.filter((time) => time > 17.5).length,
  };
}

function said({ count, seconds, longest, over16 }: Frames): string {
  const rate = (count / seconds).toFixed(1);
  return `${rate} frames a second, longest ${longest.toFixed(0)} ms, ${over16} of ${count} over 17 ms`;
}

/** Starts the command that a newcomer types, with everything installed. */
function start() {
  const began = performance.now();
  const child = spawn(process.execPath, ["task", "playground", "--port", "0", "--memory"], {
    cwd: REPOSITORY,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NO_COLOR: "1", PORT: "" },
  });
  const address = new Promise<string>((resolve, reject) => {
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text;
      const [found] = /http:\/\/127\.0\.0\.1:\d+\//.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", () => reject(new Error(`Cannot measure page: no server\n${output}`)));
  });
  return {
    address,
    sinceStart: () => performance.now() - began,
    get pid() {
      return serverOf(child.pid as number);
    },
    async [Symbol.asyncDispose]() {
      const exited = once(child, "exit");
      // Of the task too, which passes the signal on only from a terminal.
      for (const pid of [serverOf(child.pid as number), child.pid as number]) {
        try {
          process.kill(pid, "SIGTERM");
        } catch {
          // Gone with the other one.
        }
      }
      await exited;
    },
  };
}

/** The server among a task's processes: the last child of the last child. */
function serverOf(pid: number): number {
  const list = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  const pairs = list
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const child = pairs.findLast(([, parent]) => parent === pid)?.[0];
  return child === undefined ? pid : serverOf(child);
}

/** The most memory that a process is seen to have. */
class Peak {
  readonly #pid: number;
  readonly #timer: ReturnType<typeof setInterval>;
  #most = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.#look(), 100);
  }

  get most(): number {
    this.#look();
    return this.#most;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#most = Math.max(this.#most, residentBytes(this.#pid));
  }
}

function residentBytes(pid: number): number {
  const path = `/proc/${pid}/status`;
  const text = existsSync(path)
    ? (/VmRSS:\s+(\d+)/.exec(readFileSync(path, "utf8"))?.[1] ?? "0")
    : execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" });
  return Number(text) * 1024;
}

async function submit(address: string, body: unknown): Promise<void> {
  const response = await fetch(`${address}api/jobs`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
  if (!response.ok) throw new Error(`Cannot measure page: ${await response.text()}`);
  await response.body?.cancel();
}

async function countsOf(address: string): Promise<Counts> {
  const response = await fetch(`${address}api/jobs?limit=1`);
  return ((await response.json()) as { counts: Counts }).counts;
}

/** Waits until so many jobs have finished; seldom enough not to be what is measured. */
async function settled(address: string, finished: number): Promise<void> {
  while ((await countsOf(address)).states.finished < finished) {
    await delay(200);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function print(what: string, figure: string): void {
  console.log(`${`${what}:`.padEnd(54)} ${figure}`);
}

if (import.meta.main) await main();
