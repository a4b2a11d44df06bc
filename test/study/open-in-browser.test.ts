import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { openInBrowser } from "../../harness/study/report.ts";
import { aFolder } from "../world/run-folders.ts";

const path = process.env.PATH;
afterEach(() => {
  process.env.PATH = path;
});

test("where there is no program to open it, the answer is no", () => {
  process.env.PATH = aFolder();
  expect(openInBrowser("/somewhere/report.html")).toBe(false);
});

test("the system's opener gets the path as it is, spaces and all", async () => {
  const folder = aFolder();
  const program = join(folder, process.platform === "darwin" ? "open" : "xdg-open");
  writeFileSync(
    program,
    `#!/bin/sh\nprintf '%s' "$1" > "${folder}/opened.tmp"\nmv "${folder}/opened.tmp" "${folder}/opened"\n`,
  );
  chmodSync(program, 0o755);
  process.env.PATH = `${folder}:${path}`;
  expect(openInBrowser("/some where/$(x).html")).toBe(true);
  for (let tries = 0; tries < 100 && !existsSync(join(folder, "opened")); tries++)
    await setTimeout(50);
  expect(readFileSync(join(folder, "opened"), "utf8")).toBe("/some where/$(x).html");
});
