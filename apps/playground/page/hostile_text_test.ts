// Texts that would be scripts, in every field that a client can fill, are shown as texts: none of them runs.

import assert from "node:assert/strict";
import { testPage as test } from "../../../modules/dashboard/page/test_page.ts";
import { ON_DENO } from "../on_deno.ts";
import { visit } from "./visit.ts";

/** Each would call `ran`, were it taken for markup, an attribute, an address or a script. */
const PAYLOADS = [
  "<script>ran()</script>",
  "<ScRiPt>ran()</sCrIpT>",
  "</script><script>ran()</script>",
  "<img src=x onerror=ran()>",
  "<img/src=x/onerror=ran()>",
  '"><img src=x onerror=ran()>',
  "'><img src=x onerror=ran()>",
  "<svg onload=ran()>",
  "<svg><script>ran()</script></svg>",
  "<svg><animate onbegin=ran() attributeName=x dur=1s>",
  "<iframe src=javascript:ran()>",
  "<iframe srcdoc='<script>parent.ran()</script>'>",
  "<a href=javascript:ran()>x</a>",
  "javascript:ran()",
  "data:text/html,<script>ran()</script>",
  "<body onload=ran()>",
  "<details open ontoggle=ran()>",
  "<input autofocus onfocus=ran()>",
  "<video><source onerror=ran()></video>",
  "<math><mtext></form><form><mglyph><style></math><img src=x onerror=ran()>",
  "<object data=javascript:ran()>",
  "<embed src=javascript:ran()>",
  "<link rel=stylesheet href=javascript:ran()>",
  "<meta http-equiv=refresh content='0;url=javascript:ran()'>",
  "<base href=//elsewhere.example/>",
  "<form action=javascript:ran()><button autofocus>x",
  "<style>@import 'javascript:ran()'</style>",
  "{{constructor.constructor('ran()')()}}",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is meant to look like one
  "${ran()}",
  "\u2028ran()\u2029</style><script>ran()</script>",
];

test("no script runs from thirty hostile texts in messages, file names, files, results and searches", async () => {
  await using here = await visit(ON_DENO, "?view=jobs");
  const { page, server } = here;
  assert.equal(PAYLOADS.length, 30);
  // Whatever runs by mistake says so.
  await page.exposeFunction("ran", () => here.complaints.push("a hostile text ran"));
  const jobs: string[] = [];
  for (const text of PAYLOADS) {
    const [failing] = await server.submit({
      kind: "fail",
      executor: "loop",
      parameters: { message: text },
    });
    const form = new FormData();
    form.set("kind", "wordFrequency");
    form.set("executor", "loop");
    form.set("file", new File([text], text));
    const {
      jobs: [counting],
    } = await server.json<{ jobs: { id: string }[] }>("/api/jobs", {
      method: "POST",
      body: form,
    });
    jobs.push(String(failing?.id), String(counting?.id));
  }
  await here.reads(page.getByRole("group", { name: "States" }), /all60/);
  // Each is shown as what it is, in the table, in its panel, and in a search.
  for (const [i, text] of PAYLOADS.entries()) {
    // As the browser's own buttons do: thirty loads of the page would take longer and show no more.
    const address = `?view=jobs&text=${encodeURIComponent(text)}&job=${jobs[2 * i]}`;
    await page.evaluate(
      `history.pushState(null, "", ${JSON.stringify(address)}); dispatchEvent(new PopStateEvent("popstate"))`,
    );
    await here.until(
      async () => (await page.locator(".error-message").first().textContent()) === text,
    );
  }
  await here.go(`?view=jobs&text=${encodeURIComponent(String(PAYLOADS[5]))}`);
  assert.equal(await page.getByRole("searchbox").inputValue(), PAYLOADS[5]);
  for (const at of [1, 2 * PAYLOADS.length - 1]) {
    await here.go(`?view=submit&kind=wordFrequency&edit=${jobs[at]}`);
    await page.getByText("is used again").waitFor();
  }
  await here.go("?view=submit&kind=fail");
  for (const text of PAYLOADS.slice(0, 6)) {
    await page.getByLabel("Message").fill(text);
    await here.until(async () =>
      ((await page.locator(".code pre").textContent()) ?? "").includes(JSON.stringify(text)),
    );
  }
  for (const hostile of PAYLOADS.slice(0, 4).map(encodeURIComponent)) {
    await here.go(
      `?view=${hostile}&kind=${hostile}&executor=${hostile}&worker=${hostile}&sort=${hostile}`,
    );
    const shown = decodeURIComponent(hostile).slice(0, 40);
    await page.getByText(`There is no view “${shown}” here`).waitFor();
  }
  assert.equal(
    await page.locator("main script, main iframe, main object, main embed, main img").count(),
    0,
  );
});
