// Tests of the launcher: what is started is alone, speaks English, ends with whoever started it, and its absence is clear.

import assert from "node:assert/strict";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { poll } from "deno-std/async/poll.js";
import { launchChromium } from "./chromium.ts";

Deno.test("launchChromium() starts a browser that runs scripts in English", async () => {
  await using browser = await launchChromium();
  const page = await browser.newPage();
  await page.setContent("<p></p><script>document.querySelector('p').textContent = 6 * 7</script>");
  assert.equal(await page.locator("p").textContent(), "42");
  assert.equal(await page.evaluate(() => navigator.language), "en-US");
});

Deno.test("launchChromium() starts a browser that finds no other machine", async () => {
  await using browser = await launchChromium();
  const page = await browser.newPage();
  await assert.rejects(page.goto("http://example.com/"), /ERR_NAME_NOT_RESOLVED/);
});

Deno.test("launchChromium() says what to do when the one that is named cannot be started", async () => {
  const before = process.env.CHROMIUM;
  process.env.CHROMIUM = "/nowhere/chromium";
  try {
    await assert.rejects(
      launchChromium(),
      /^Error: Cannot start Chromium: \/nowhere\/chromium does not run here; set CHROMIUM to the path/,
    );
  } finally {
    if (before === undefined) delete process.env.CHROMIUM;
    else process.env.CHROMIUM = before;
  }
});

Deno.test("Chromium ends when the program that started it is killed", async () => {
  const address = fileURLToPath(new URL("./chromium.ts", import.meta.url));
  const code = `
    import { launchChromium } from ${JSON.stringify(address)};
    const session = await (await launchChromium()).newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    console.log(processInfo.find(({ type }) => type === "browser").id);
  `;
  const program = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", code],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = program.stdout.getReader();
  const id = Number(new TextDecoder().decode((await reader.read()).value));
  assert.ok(isRunning(id));
  program.kill("SIGKILL");
  reader.releaseLock();
  await program.output();
  // The test runner's own deadline is the only one.
  await poll(
    () => isRunning(id),
    (runs) => !runs,
    { interval: 10 },
  );
});

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}
