import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { clean } from "../../setup/clean.mjs";
import { collectedEffects, temporaryFolder, until } from "./effects.ts";

const ENGINE = "tensorflow-2.21.0-linux-x64-cpu-build-1";
const FETCHED = [
  "clone/node_modules/zod/package.json",
  "clone/.rademark/packages-1.partial/package.json",
  "clone/dist/site/index.html",
  "clone/dist/site.sha256",
  `cache/engine/${ENGINE}/engine.json`,
  "cache/engine/tensorflow-2.21.0-linux-x64-cpu-build-1.77.partial/half",
  "cache/datasets/cifar10/digest.json",
  "cache/bench/torch==2/ready.json",
  "cache/python/wheel-0a1b2c3d/ready.json",
  "clone/dist/python/rademark-0.3.0-py3-none-any.whl",
];
const YOURS = [
  "clone/.rademark/demo/mlp/final.json",
  "clone/.rademark/server/pg/1",
  "config/keys/default.json",
  "config/logs.json",
  "config/queue/1.json",
];
const STRANGERS = [
  "clone/package.json",
  "clone/runs/a/final.json",
  "clone/dist/copy/index.html",
  "cache/holiday.jpg",
  "cache/engine/steam/locomotive",
  "cache/datasets/mine/train.bin",
  "config/keys.txt",
];

/** A machine with everything set up, and with things that are not ours beside it. */
function aMachine() {
  const folder = fs.realpathSync(temporaryFolder());
  for (const file of [...FETCHED, ...YOURS, ...STRANGERS]) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), "x".repeat(5000));
  }
  const env = {
    ...{ RADEMARK_CACHE: `${folder}/cache`, RADEMARK_CONFIG: `${folder}/config` },
    HOME: `${folder}/home`,
  };
  const run = async (...args: string[]) => {
    let printed = "";
    const { effects } = collectedEffects(env);
    await clean(args, effects, `${folder}/clone`, (text) => (printed += text));
    return printed;
  };
  const files = () =>
    fs
      .readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
      .sort();
  return { folder, run, files };
}

test("clean shows what is there, what it takes and where, and removes nothing", async () => {
  const { folder, run, files } = aMachine();
  const before = files();
  const shown = await run();
  expect(shown).toMatch(/packages +\d+ kB {2}npm packages: .*clone\/node_modules\n/);
  expect(shown).toContain(`: ${folder}/cache/engine/${ENGINE}\n`);
  expect(shown).toMatch(/Yours; removed only when named[^]*keys .*config\/keys\n/);
  expect(shown).toContain(`npm's cache, ${folder}/home/.npm`);
  const { items } = JSON.parse(await run("--json")) as { items: { part: string; bytes: number }[] };
  expect(items.find(({ part }) => part === "cifar10")!.bytes).toBeGreaterThanOrEqual(8192);
  expect(files()).toEqual(before);
});

test("with --yes all goes that can be had again, and nothing else", async () => {
  const { folder, run, files } = aMachine();
  expect(await run("--yes")).toMatch(/removed {2}engine .*[^]*kB freed\.\n$/);
  expect(files()).toEqual([...YOURS, ...STRANGERS].sort());
  expect(fs.existsSync(`${folder}/cache/bench`)).toBe(false); // nothing was left in it
  expect(await run("--yes")).not.toContain("removed  ");
});

test("parts are removed by name", async () => {
  const { run, files } = aMachine();
  await run("cifar10,pages");
  const gone = FETCHED.filter((file) => /cifar10|dist\/site/.test(file));
  const rest = [...FETCHED, ...YOURS, ...STRANGERS].filter((file) => !gone.includes(file));
  expect(files()).toEqual(rest.sort());
  await expect(run("cifar10")).rejects.toThrow(/no cifar10 here to remove; there is: packages, /);
});

test("keys, logs, the queue, the demo and the board go only by name and with --yes", async () => {
  const { run, files } = aMachine();
  await expect(run("keys")).rejects.toThrow(/never be superseded or retracted[^]*add --yes/);
  for (const part of ["logs", "queue", "demo", "server"])
    await expect(run(part)).rejects.toThrow("add --yes");
  expect(files()).toEqual(expect.arrayContaining(YOURS));
  await run("keys", "--yes");
  expect(files().filter((file) => YOURS.includes(file))).toHaveLength(YOURS.length - 1);
  await run("logs,queue,demo,server", "--yes");
  expect(files()).toEqual([...FETCHED, ...STRANGERS].sort());
});

test("a link is removed as a link, and none is followed out", async () => {
  const { folder, run, files } = aMachine();
  for (const [place, outside] of [
    ["clone/node_modules", "shared"],
    ["cache/datasets", "elsewhere"],
  ] as const) {
    fs.renameSync(`${folder}/${place}`, `${folder}/${outside}`);
    fs.symlinkSync(`${folder}/${outside}`, `${folder}/${place}`);
  }
  fs.symlinkSync(`${folder}/shared`, `${folder}/clone/dist/site/link`);
  const shown = await run();
  expect(shown).toContain(`clone/node_modules -> ${folder}/shared, which stays`);
  expect(shown).not.toContain("cifar10");
  await run("--yes");
  expect(files()).toEqual(
    expect.arrayContaining(["shared/zod/package.json", "elsewhere/cifar10/digest.json"]),
  );
  expect(fs.lstatSync(`${folder}/clone/node_modules`, { throwIfNoEntry: false })).toBeUndefined();
});

test("nothing is removed while a set-up holds its lock, or a command of the clone runs", async () => {
  const { folder, run, files } = aMachine();
  const begin = async (program: string, args: string[], ready: () => boolean) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: "ignore" });
    onTestFinished(() => void child.kill("SIGKILL"));
    await until(ready);
    return async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    };
  };
  const before = files();
  const journal = `${temporaryFolder()}/journal`;
  const lock = `${folder}/cache/engine/set-up.lock`;
  const endHolder = await begin(
    `${import.meta.dirname}/hold-lock.mjs`,
    [lock, journal, "60000"],
    () => fs.existsSync(journal),
  );
  await expect(run("--yes")).rejects.toThrow(/A set-up is at work \(process \d+\)/);
  await endHolder();
  fs.rmSync(lock);

  const program = `${folder}/clone/harness/worker.mjs`;
  fs.mkdirSync(path.dirname(program));
  fs.writeFileSync(
    program,
    'import fs from "node:fs"; fs.writeFileSync(process.argv[2], ""); setInterval(() => {}, 1000);',
  );
  const endWorker = await begin(program, [`${journal}-2`], () => fs.existsSync(`${journal}-2`));
  await expect(run("--yes")).rejects.toThrow(/In use by process \d+\. Nothing was removed/);
  expect(files()).toEqual([...before, "clone/harness/worker.mjs"].sort());
  await endWorker();
  await run("--yes");
  expect(files()).not.toContain("clone/node_modules/zod/package.json");
});
