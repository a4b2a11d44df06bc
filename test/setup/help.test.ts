import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { HELP_FOLDER, helpFiles } from "../../harness/cli/help-files.ts";
import { rademark } from "../world/command-line.ts";
import { temporaryFolder } from "./effects.ts";

const texts = await helpFiles();

test("the help of an empty clone is that of the program: npm run help writes it", () => {
  expect(fs.readdirSync(HELP_FOLDER).sort()).toEqual([...texts.keys()].sort());
  for (const [name, text] of texts)
    expect(fs.readFileSync(path.join(HELP_FOLDER, name), "utf8"), "stale: npm run help").toBe(text);
});

/** What is committed of the set-up, below a path with spaces, and nothing else: no packages, no PATH, no home. */
function emptyClone() {
  const clone = path.join(temporaryFolder(), "a clone");
  fs.cpSync("setup", path.join(clone, "setup"), { recursive: true });
  fs.copyFileSync("package.json", path.join(clone, "package.json"));
  const run = (script: string, ...args: string[]) =>
    spawnSync(process.execPath, [path.join(clone, "setup", script), ...args], {
      encoding: "utf8",
      env: { PATH: "", HOME: clone },
    });
  return { clone, run };
}

test("help, version and a mistyped command answer as the program does, and install nothing", async () => {
  const { clone, run } = emptyClone();
  for (const words of [
    ["--help"],
    ["help", "run"],
    ["help", "rum"],
    [],
    ["--version"],
    ["verify", "ID", "-h"],
    ["runn"],
    ["constructor"],
  ]) {
    const here = run("rademark.mjs", ...words);
    const there = await rademark(words);
    expect([words, here.status, here.stdout, here.stderr]).toEqual([
      words,
      there.code,
      there.stdout,
      there.stderr,
    ]);
  }
  expect(run("start.mjs", "--help").stdout).toBe(texts.get("start.txt"));
  expect(fs.readdirSync(clone).sort()).toEqual(["package.json", "setup"]);
});
