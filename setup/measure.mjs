/**
 * @file `npm run bench:setup`: what a first set-up takes, for each thing that a person may begin with: in a fresh clone of the
 * last commit, with an empty home, so that npm and pip have nothing in their caches. Prints a table.
 */

import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";
import "./node-floor.mjs";
import { planEngine } from "./engine.mjs";
import { enter } from "./entry.mjs";
import { bytesOnDisk } from "./inventory.mjs";
import { ROOT } from "./prepare.mjs";

/** What is typed, and the parts that it needs; help needs not even the packages of every command. */
const ROWS = [
  ["`--help`, `--version`", null],
  ["`verify`, `keys`, `status`, `report`, ...", []],
  ["the same, on a Node older than 22.18", ["node"]],
  ["`serve`, with its pages", ["server", "pages"]],
  ["`run`, `sweep`, `probe`, ...", ["engine"]],
  ["`npm start`", ["engine", "server", "pages"]],
  ["`npm test`", ["engine", "server", "pages", "tests"]],
];

/** As setup/rademark.mjs begins, without the command that follows. */
const SET_UP = `
  import { enter } from "./setup/entry.mjs";
  import { prepare } from "./setup/prepare.mjs";
  import { ensureSite } from "./setup/site.mjs";
  const parts = JSON.parse(process.env.PARTS);
  const meanwhile = parts.includes("pages") && !parts.includes("tests") ? ensureSite : undefined;
  await enter(async (effects) => {
    await prepare(effects, parts, { engine: "cpu", meanwhile });
    return 0;
  });`;

await enter(async ({ env }) => {
  process.stdout.write(
    "| to begin with | seconds | MB fetched | MB on disk |\n| --- | ---: | ---: | ---: |\n",
  );
  for (const [typed, parts] of ROWS) {
    const { seconds, fetched, onDisk } = measure(parts, env);
    const cells = [seconds.toFixed(seconds < 10 ? 1 : 0), ...[fetched, onDisk].map(megabytes)];
    process.stdout.write(`| ${[typed, ...cells].join(" | ")} |\n`);
  }
  return 0;
});

function megabytes(bytes) {
  return String(Math.round(bytes / 1e6));
}

function measure(parts, env) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "rademark-measure-"));
  try {
    const [clone, home] = [`${folder}/clone`, `${folder}/home`];
    execFileSync("git", ["clone", "--quiet", ROOT, clone]);
    const bare = { ...networkSettings(env), PATH: env.PATH, HOME: home };
    const begin = performance.now();
    run(clone, parts, bare);
    const seconds = (performance.now() - begin) / 1000;
    const wheels = parts?.includes("engine") ? planEngine("cpu", bare).wheels : [];
    return {
      seconds,
      // npm keeps each file as it came; pip keeps none of its wheel
      fetched: wheels.reduce(
        (sum, { bytes }) => sum + bytes,
        bytesOnDisk(`${home}/.npm/_cacache/content-v2`),
      ),
      onDisk: ["node_modules", "dist"]
        .map((name) => bytesOnDisk(`${clone}/${name}`))
        .reduce((sum, bytes) => sum + bytes, bytesOnDisk(`${home}/.cache/rademark`)),
    };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Where registries are, and how to reach them. */
function networkSettings(env) {
  const isOne = (name) =>
    /^(npm_config_(globalconfig|registry|cafile)|pip_.*|.*_proxy)$/i.test(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => isOne(name)));
}

function run(clone, parts, bare) {
  const args =
    parts === null
      ? [`${clone}/setup/rademark.mjs`, "--help"]
      : ["--input-type=module", "--eval", SET_UP];
  const env = { ...bare, PARTS: JSON.stringify(parts) };
  const { status } = spawnSync(process.execPath, args, {
    cwd: clone,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error(`the set-up of ${JSON.stringify(parts)} failed`);
}
