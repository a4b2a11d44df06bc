import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeFakeEngine } from "./fake-engine.ts";
import { temporaryFolder, until } from "./effects.ts";

const INSTALLER = `${import.meta.dirname}/install-engine.mjs`;

/** An installation that can be stopped while the compiler runs: this one never ends by itself. */
function slowCompiler(folder: string) {
  const [script, started] = [`${folder}/slow-compiler`, `${folder}/started`];
  const body = `case "$1" in --version) exit 0;; esac\ntouch ${started}\nexec sleep 600\n`;
  fs.writeFileSync(script, `#!/bin/sh\n${body}`, { mode: 0o755 });
  return { script, started };
}

const made = fs.mkdtempSync(path.join(os.tmpdir(), "rademark-fake-engine-"));
const { planIn, addon, env } = makeFakeEngine(made);
afterAll(() => fs.rmSync(made, { recursive: true }));

function fakeInstallation() {
  const folder = temporaryFolder();
  const cache = `${folder}/cache`;
  const plan = planIn(cache);
  const install = (CXX: string) =>
    spawn(process.execPath, [INSTALLER, JSON.stringify({ plan, addon })], {
      env: { ...env, CXX },
      stdio: ["ignore", "ignore", "pipe"],
    });
  return { folder, cache, install };
}

async function ended(child: ChildProcess) {
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

test("Ctrl-C in the middle ends with 130 and leaves no file behind", async () => {
  const { folder, cache, install } = fakeInstallation();
  const compiler = slowCompiler(folder);
  const child = install(compiler.script);
  await until(() => fs.existsSync(compiler.started));
  expect(fs.readdirSync(cache)).toEqual([
    expect.stringMatching(/^fake-1\.\d+\.partial$/),
    "set-up.lock",
  ]);

  child.kill("SIGINT");
  expect(await ended(child)).toBe(130);
  expect(fs.readdirSync(cache)).toEqual([]);
});

test("after kill -9 in the middle the next set-up sweeps up and completes", async () => {
  const { folder, cache, install } = fakeInstallation();
  const compiler = slowCompiler(folder);
  const child = install(compiler.script);
  await until(() => fs.existsSync(compiler.started));
  child.kill("SIGKILL");
  await ended(child);
  expect(fs.readdirSync(cache)).not.toContain("fake-1");

  expect(await ended(install("c++"))).toBe(0);
  expect(fs.readdirSync(cache)).toEqual(["fake-1"]);
});

test("two set-ups at once share one installation", async () => {
  const { cache, install } = fakeInstallation();
  const both = [install("c++"), install("c++")];
  const said = both.map(async (child) => (await child.stderr.toArray()).join(""));
  expect(await Promise.all(both.map(ended))).toEqual([0, 0]);
  const downloads = (await Promise.all(said)).filter((text) => text.includes("download"));
  expect(downloads).toHaveLength(1);
  expect(fs.readdirSync(cache)).toEqual(["fake-1"]);
});
