import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { linkAddon, planEngine } from "../../setup/engine.mjs";
import { prepare } from "../../setup/prepare.mjs";
import { collectedEffects } from "./effects.ts";
import { temporaryFolder } from "./folder.ts";

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
  const { node, env } = await prepare(effects, "cpu", clone);
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
