// Tests of a release: the texts it writes, and all of it on a copy.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { closedChangelog, isBefore, withVersion } from "./release.ts";

const OPEN = "# Changelog\n\n## [Unreleased]\n\n- More.\n\n## [0.1.0] - 2026-01-02\n\n- All.\n";

Deno.test("closedChangelog() dates what was open, and opens a section above it", () => {
  assert.equal(
    closedChangelog(OPEN, "0.2.0", "2026-02-03"),
    "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-02-03\n\n- More.\n\n## [0.1.0] - 2026-01-02\n\n- All.\n",
  );
  assert.match(
    closedChangelog("## [0.1.0] - Unreleased\n\n- All.\n", "0.1.0", "2026-02-03"),
    /^## \[Unreleased\]\n\n## \[0\.1\.0\] - 2026-02-03\n\n- All\.\n$/,
  );
});

Deno.test("closedChangelog() refuses a changelog in which nothing is new", () => {
  assert.throws(() => closedChangelog("## [0.1.0] - 2026-01-02\n\n- All.\n", "0.2.0", ""), {
    message: "Cannot release: the changelog has no open section",
  });
  assert.throws(() => closedChangelog(OPEN.replace("- More.\n", ""), "0.2.0", ""), {
    message: "Cannot release: nothing stands in the changelog's open section",
  });
});

Deno.test("isBefore() compares versions by their numbers", () => {
  assert.ok(isBefore("0.9.0", "0.10.0") && isBefore("0.9.9", "1.0.0"));
  assert.ok(!isBefore("0.10.0", "0.9.0") && !isBefore("1.0.0", "1.0.0"));
});

Deno.test("withVersion() refuses a file in which no version is found", () => {
  assert.throws(() => withVersion("deno.json", "{}", "1.0.0"), { name: "ReleaseError" });
});

/** What a release reads and writes, and what checks it afterwards. */
const COPIED = [
  "deno.json",
  "deno.lock",
  "package.json",
  "tsconfig.json",
  "README.md",
  "CHANGELOG.md",
  "docs/guide/start.md",
  "modules/cli/version.ts",
  "scripts/release.ts",
  "scripts/check_package.ts",
  "scripts/built_folder.ts",
];

Deno.test("a release of a copy writes every version, commits and tags; a second one is refused", () => {
  const folder = mkdtempSync(join(tmpdir(), "futures-release-"));
  const run = (program: string, ...args: string[]) => {
    const env = {
      GIT_AUTHOR_NAME: "a",
      GIT_AUTHOR_EMAIL: "a@b",
      GIT_COMMITTER_NAME: "a",
      GIT_COMMITTER_EMAIL: "a@b",
    };
    const { code, stdout, stderr } = new Deno.Command(program, {
      args,
      cwd: folder,
      env,
    }).outputSync();
    const [output = "", errors = ""] = [stdout, stderr].map((bytes) =>
      new TextDecoder().decode(bytes),
    );
    return { code, output, errors };
  };
  const release = (version: string) =>
    run(
      Deno.execPath(),
      "run",
      "--no-config",
      "--no-lock",
      "--allow-all",
      "scripts/release.ts",
      version,
      "--unchecked",
    );
  try {
    for (const file of COPIED) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      cpSync(resolve(file), join(folder, file));
    }
    run("git", "init", "--quiet");
    run("git", "add", ".");
    run("git", "commit", "--quiet", "--message", "Begin");
    writeFileSync(join(folder, "left"), "");
    assert.match(release("99.0.0").errors, /not all of what is here is committed/);
    rmSync(join(folder, "left"));
    assert.match(release("0.0.1").errors, /came before/);

    const { code, output, errors } = release("99.0.0");
    assert.equal(code, 0, errors);
    assert.match(output, /git push --follow-tags/);
    assert.equal(run("git", "status", "--porcelain").output, "");
    assert.equal(run("git", "tag", "--points-at", "HEAD").output, "v99.0.0\n");
    for (const file of [
      "deno.json",
      "package.json",
      "modules/cli/version.ts",
      "README.md",
      "docs/guide/start.md",
    ])
      assert.match(readFileSync(join(folder, file), "utf8"), /99\.0\.0/, file);
    assert.match(readFileSync(join(folder, "CHANGELOG.md"), "utf8"), /^## \[99\.0\.0\] - \d{4}-/m);
    const checked = run(
      Deno.execPath(),
      "run",
      "--no-config",
      "--no-lock",
      "--allow-read",
      "scripts/check_package.ts",
      "scripts/built_folder.ts",
    );
    assert.equal(checked.code, 0, checked.errors);

    assert.equal(release("99.0.0").code, 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
