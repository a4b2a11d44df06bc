import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { linkAddon, planEngine } from "../../setup/engine.mjs";
import {
  explainFileErrors,
  formatBytes,
  formatDuration,
  startProgress,
  together,
} from "../../setup/entry.mjs";
import { prepare } from "../../setup/prepare.mjs";
import { collectedEffects, temporaryFolder } from "./effects.ts";

const SETUP = path.resolve("setup");

/** A process that hands over to `node --eval SCRIPT`, as `rademark` does to the command line. */
function handOver(script: string) {
  const source = `
    import { handOver } from "${SETUP}/child.mjs";
    process.exitCode = await handOver(process.execPath, ["--eval", ${JSON.stringify(script)}], {});`;
  return spawn(process.execPath, ["--input-type=module", "--eval", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

test("a command's exit code and the signals sent to it pass through", async () => {
  const [code] = (await once(handOver("process.exit(3)"), "exit")) as [number];
  expect(code).toBe(3);

  for (const [name, expected] of [
    ["SIGINT", 30],
    ["SIGTERM", 31],
  ] as const) {
    const waiting = handOver(`
      process.on("${name}", () => process.exit(${expected}));
      setInterval(() => {}, 1000);
      console.log("here")`);
    await once(waiting.stdout, "data");
    waiting.kill(name);
    expect(((await once(waiting, "exit")) as [number])[0]).toBe(expected);
  }
});

/** What a finished set-up leaves, for a product without packages. */
function preparedClone() {
  const folder = temporaryFolder();
  const [clone, cache] = [`${folder}/clone`, `${folder}/cache`];
  fs.mkdirSync(`${clone}/node_modules`, { recursive: true });
  fs.writeFileSync(`${clone}/package-lock.json`, JSON.stringify({ packages: { "": {} } }));
  const note = `${clone}/node_modules/.package-lock.json`;
  fs.writeFileSync(note, JSON.stringify({ packages: {} }));
  const { folder: engine } = planEngine("cpu", { RADEMARK_CACHE: cache });
  fs.mkdirSync(engine, { recursive: true });
  fs.writeFileSync(`${engine}/tfjs_binding.node`, "");
  linkAddon(clone, engine);
  return { clone, cache };
}

test("once set up, a start asks no tool and no network, and takes a moment", async () => {
  const { clone, cache } = preparedClone();
  const { effects, said } = collectedEffects({ RADEMARK_CACHE: cache, PATH: "" });
  const start = performance.now();
  const { node, env } = await prepare(effects, ["engine"], { engine: "cpu", root: clone });
  expect(performance.now() - start).toBeLessThan(300);
  expect(said()).toBe("");
  expect(env.PATH?.split(path.delimiter)[0]).toBe(path.dirname(node));
});

test("tests end with a line of counts; a file that cannot be loaded counts as failed", () => {
  const folder = temporaryFolder();
  const test = 'import { test, expect } from "vitest";\n';
  const link = path.resolve("node_modules");
  fs.symlinkSync(link, `${folder}/node_modules`);
  fs.writeFileSync(
    `${folder}/a.test.js`,
    `${test}test("1", () => {}); test("2", () => {}); test.skip("3", () => {});
     test("4", () => expect(1).toBe(2));`,
  );
  fs.writeFileSync(`${folder}/b.test.js`, "import './nowhere.js';");
  const source = `
    import { runTests } from "${SETUP}/tests.mjs";
    const prepared = { node: process.execPath, env: process.env };
    const code = await runTests(["--root", "${folder}"], prepared, { env: process.env });
    process.exitCode = code === 1 ? 0 : 2;`;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", source], {
    stdio: ["ignore", "pipe", "ignore"],
  }).toString();
  expect(output.trimEnd().split("\n").at(-1)).toBe("2 passed, 2 failed, 1 skipped");
});

const failing = (fields: object) =>
  explainFileErrors("/cache", () => Promise.reject(Object.assign(new Error("failed"), fields)));

test("a full disk and a folder that is not ours are said in words, with what to do", async () => {
  await expect(failing({ code: "ENOSPC" })).rejects.toThrow(
    "/cache cannot be used: the disk is full. Make room there",
  );
  await expect(failing({ code: "EACCES", path: "/opt/clone/.rademark" })).rejects.toThrow(
    /^\/opt\/clone\/.rademark cannot be used: there is no permission.* Make the folder yours \(sudo chown -R "\$\(id -un\)" '\/cache'\)/,
  );
  // A link that cannot be made: its target is no path, what was to be written is `dest`.
  await expect(
    failing({ code: "EACCES", path: "host:1:2", dest: "/cache/set-up.lock" }),
  ).rejects.toThrow("/cache/set-up.lock cannot be used: there is no permission");
  await expect(failing({ code: "ERR_INVALID_ARG_TYPE" })).rejects.toThrow("failed");
});

test("a cache that cannot be a folder is named, whatever is ready of the packages", async () => {
  const folder = temporaryFolder();
  fs.writeFileSync(`${folder}/file`, "");
  const env = { ...process.env, RADEMARK_CACHE: `${folder}/file/cache` };
  const preparing = prepare(collectedEffects(env).effects, ["engine"], { engine: "cpu" });
  await expect(preparing).rejects.toThrow(`${folder}/file`);
  await expect(preparing).rejects.toMatchObject({ name: "SetupError", exitCode: 2 });
});

/** A download of 100 MB at 10 MB/s, told once a second. */
function download(isTTY: boolean) {
  const { effects, said } = collectedEffects();
  Object.assign(effects.stderr, { isTTY, columns: 100 });
  let milliseconds = 0;
  const progress = startProgress("download it", effects.stderr, () => milliseconds);
  for (let second = 1; second <= 12; second++) {
    milliseconds = second * 1000;
    progress.update(second * 1e7, (second * 1e7) / 2e8);
  }
  return { progress, said };
}

test("on a terminal one line shows share, bytes, rate and remaining time", () => {
  const { progress, said } = download(true);
  const last = said().split("\r").at(-1);
  expect(last).toBe(
    "\x1b[2Kdownload it [==============          ] 60 %, 120 MB, 10 MB/s, 8 s left",
  );
  progress.done();
  expect(said().endsWith("\r\x1b[2Kdownload it: 120 MB in 12 s\n")).toBe(true);
});

test("elsewhere there is a plain line now and then", () => {
  const { progress, said } = download(false);
  progress.done();
  expect(said()).toBe(
    "download it ...\n  50 %, 100 MB, 10 MB/s, 10 s left\ndownload it: 120 MB in 12 s\n",
  );
});

test("sizes and times are short", () => {
  expect([1_200, 999_600, 273_829_956, 1_259_581_043].map(formatBytes)).toEqual([
    "1 kB",
    "1 MB",
    "274 MB",
    "1.26 GB",
  ]);
  expect([1_400, 75_000].map(formatDuration)).toEqual(["1 s", "1 min 15 s"]);
});

test("steps under way at once share a terminal's line, without bars; elsewhere each line names its step", () => {
  for (const [isTTY, expected] of [
    [true, "\x1b[2Knpm packages 50 %, 10 MB; wheel 20 %, 4 MB"],
    [false, "  wheel: 20 %, 4 MB\n"],
  ] as const) {
    const { effects, said } = collectedEffects();
    Object.assign(effects.stderr, { isTTY, columns: 80 });
    let milliseconds = 0;
    const begin = (label: string) => startProgress(label, effects.stderr, () => milliseconds);
    const [packages, wheel] = [begin("npm packages"), begin("wheel")];
    milliseconds = 20_000;
    packages.update(1e7, 0.5);
    wheel.update(4e6, 0.2);
    expect(said().endsWith(expected)).toBe(true);
    packages.done();
    wheel.update(5e6, 0.25);
    milliseconds = 40_000;
    wheel.update(5e6, 0.25);
    expect(said()).toMatch(isTTY ? /wheel \[=+ +\] 25 %/ : /\n {2}25 %, 5 MB/);
  }
});

test("of things done at once the first failure ends the others, and is told when all have ended", async () => {
  const ended: string[] = [];
  const both = together(collectedEffects().effects, ({ interruption }) => [
    Promise.reject(new Error("no compiler")),
    new Promise<void>((_resolve, reject) => {
      interruption.addEventListener("abort", () => {
        ended.push("cleaned up");
        reject(interruption.reason as Error);
      });
    }),
  ]);
  await expect(both).rejects.toThrow("no compiler");
  expect(ended).toEqual(["cleaned up"]);
});
