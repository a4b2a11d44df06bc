/** @file Every option of every command, by every way that it can be given; and the documents that print the table. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  type Argument,
  type Arguments,
  SECRETS,
  apiArgument,
  commonArguments,
  flagName,
  serverArguments,
  variableName,
  workerVariables,
} from "../../harness/cli/command.ts";
import { commands } from "../../harness/cli/commands.ts";
import { chooseProtocol } from "../../harness/cli/training-arguments.ts";
import { passedOn, readSettings } from "../../harness/cli/command-values.ts";
import { findProtocol } from "../../record/protocols.ts";
import { OPTIONS, withOptions } from "../../setup/options.mjs";
import { rademark } from "../world/command-line.ts";

const root = mkdtempSync(join(tmpdir(), "rademark-options-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const ID = "ab".repeat(32);
/** Two values of every option, none of them the default: text as it is typed. A row without any fails the test below. */
const SAMPLES: Record<string, [string, string]> = {
  ...{ api: ["http://a.example", "http://b.example"], arch: ["cnn-8", "mlp-8"] },
  ...{ cache: ["c1", "c2"], checkpointSeconds: ["3", "4.5"], configFolder: ["k1", "k2"] },
  ...{
    csv: ["a.csv", "b.csv"],
    jsonl: ["a", "b"],
    parquet: ["a", "b"],
    data: ["d1", "d2"],
    displayName: ["Ada", "Eve"],
  },
  ...{ draws: ["9", "10"], index: ["i.npy", "j.npy"] },
  ...{ engine: ["cpu", "cuda"], features: ["a.npy", "b.npy"], from: ["2026-01-01", "2026-01-02"] },
  ...{ headInput: ["raw", "rms"], headLayers: ["2", "1"], host: ["::1", "0.0.0.0"] },
  ...{
    imagenet: ["i1", "i2"],
    jobs: ["2", "3"],
    devices: ["0,1", "GPU-89"],
    key: ["work", "home"],
    labels: ["a", "b"],
  },
  ...{ limit: ["3", "4"], limits: ["off", "on"], logOrigin: ["a.example/log", "b.example/log"] },
  ...{ n: ["2,10", "3"], name: ["work", "home"], only: ["heads", "wrn-16-1"], out: ["o1", "o2"] },
  ...{ operator: [ID, "cd".repeat(32)], port: ["1", "2"], protocol: ["micro-1", "cifar10-1"] },
  ...{ proxy: ["yes", "no"], reason: ["one", "two"], reg: ["dropout=0.5", "wd=0.005"] },
  ...{ sbatch: ["-p gpu -G 1", "--array=%8"], shard: ["1/3", "2/3"] },
  ...{ save: ["both", "features"], secret: ["s1", "s2"], seed: ["5", "6"], seeds: ["1-4", "7"] },
  ...{ set: ["epochs=5", "batch=64"], supersedes: [ID, "cd".repeat(32)] },
  ...{ testFeatures: ["a", "b"], testLabels: ["a", "b"], threads: ["1", "2"] },
};

const rows = (
  await Promise.all(
    Array.from(commands, async ([name, entry]) => {
      const { args } = await entry.load();
      return Object.entries(args)
        .filter(([key, { positional }]) => !positional && key !== "config")
        .map(([key, argument]) => ({ row: `${name} ${flagName(key)}`, key, argument }));
    }),
  )
).flat();

/** What a command would get; a list of seeds is asked what it holds. */
function read(known: Arguments, key: string, args: string[], env: Record<string, string>) {
  const value = readSettings(args, known, { env, cwd: root })[key];
  return typeof value === "function" ? (value as (panel: number[]) => number[])([1, 2]) : value;
}

function written(document: object): string {
  const path = join(root, "options.json");
  writeFileSync(path, JSON.stringify(document));
  return path;
}

/** What a variable that stays set, or a file that gets passed around, must not decide. */
const isTypedOnly = ({ argument }: (typeof rows)[number]) =>
  argument.outsideFile && argument.variable === null;

test("only what runs the code of others has to be typed", () => {
  const typed = rows.filter(isTypedOnly);
  expect(typed.map(({ row }) => row).sort()).toEqual([
    "repro --allow-custom-code",
    "resume --allow-custom-code",
  ]);
  for (const { key, argument } of typed) {
    const known: Arguments = { [key]: argument, config: commonArguments.config };
    expect(read(known, key, [flagName(key)], {})).toBe(true);
    expect(() => read(known, key, ["--config", written({ [key]: true })], {})).toThrow(/no such/);
    expect(read(known, key, [], { RADEMARK_ALLOW_CUSTOM_CODE: "true" })).toBe(false);
  }
});

const readable = rows.filter((row) => !isTypedOnly(row));

test.each(readable)(
  "$row is read from flag, variable and file, in this order",
  ({ key, argument }) => {
    const known: Arguments = { [key]: argument, config: commonArguments.config };
    const isFlag = argument.placeholder === null;
    const [one, two] = isFlag ? ["true", "false"] : (SAMPLES[key] ?? []);
    if (one === undefined || two === undefined) throw new Error(`no samples of ${key}`);
    const flag = (text: string) => (isFlag ? [flagName(key)] : [`${flagName(key)}=${text}`]);
    const name = variableName(key, argument);
    const variable = (text: string) => (name === null ? {} : { [name]: text });
    const file = (text: string) => ["--config", written({ [key]: text })];
    const expected = read(known, key, flag(one), {});
    expect(expected).not.toEqual(argument.fallback);
    if (name !== null) expect(read(known, key, [], variable(one))).toEqual(expected);
    expect(read(known, key, file(one), {})).toEqual(expected);
    expect(read(known, key, ["--config", written({ [flagName(key).slice(2)]: one })], {})).toEqual(
      expected,
    );
    expect(read(known, key, [...flag(one), ...file(two)], variable(two))).toEqual(expected);
    if (name !== null) expect(read(known, key, file(two), variable(one))).toEqual(expected);
    const inVariable = { RADEMARK_CONFIG_FILE: written({ [key]: one }) };
    expect(read(known, key, [], inVariable)).toEqual(expected);
  },
);

test("no option is read from another's variable, and none from a secret's", () => {
  const names = new Map(rows.map(({ key, argument }) => [key, variableName(key, argument)]));
  const used = [...names.values()].filter((name) => name !== null);
  expect(new Set(used).size).toBe(used.length);
  expect(used.filter((name) => name in SECRETS)).toEqual([]);
});

const list = { ...commonArguments, reg: rows.find(({ row }) => row === "sweep --reg")!.argument };
const listed = (document: object) => () =>
  readSettings(["--config", written(document)], list as Arguments, { env: {}, cwd: root });

test("a list in a file is the list that the command line writes", () => {
  expect(listed({ reg: ["aug", "wd=0.005,rl=10"] })().reg).toEqual(["aug", "wd=0.005,rl=10"]);
});

test.each([
  [{ cachet: "x" }, "cachet: no such setting", "did you mean cache?"],
  [{ config: "x" }, "config: a config file names no other one"],
  [{ passphrase: "hunter2" }, "passphrase: is a secret, which is read from RADEMARK_PASSPHRASE"],
  [{ databaseUrl: "postgres://u:hunter2@h/d" }, "DATABASE_URL alone"],
  [{ logSeed: "hunter2" }, "RADEMARK_LOG_SEED alone"],
  [{ cache: ["a", "b"] }, "cache: takes one value, not a list"],
  [{ cache: null }, "null is no value; leave the member out"],
  [{ cache: { path: "a" } }, "cache: an object is no value; write one text, number, true or false"],
  [{ reg: { wd: 0.005 } }, "reg: an object is no value; write a text or a list of texts"],
  [{ quiet: "perhaps" }, '"perhaps" is not one of true, false'],
  [{ "check-point-seconds": 1, checkPointSeconds: 2 }, "did you mean checkpointSeconds?"],
  [{ "head-input": "raw", cache: "a", "--quiet": true }, "--quiet: no such setting"],
])("a config file with %j is refused by name, with what to do", (document, ...parts) => {
  for (const part of parts) expect(listed(document)).toThrow(part);
  expect(listed(document)).toThrow(/options\.json: /);
  expect(listed(document)).not.toThrow(/hunter2/);
});

const trained: Arguments = Object.fromEntries([
  ...rows.filter(({ row }) => row.startsWith("run ")).map(({ key, argument }) => [key, argument]),
  ["config", commonArguments.config],
]) as Arguments;
const needed = { protocol: "micro-1", arch: "cnn-8", out: "o" };
const ofRun = (text: string | Buffer) => () => {
  const path = join(root, "run.json");
  writeFileSync(path, text);
  return readSettings(["--config", path], trained, { env: {}, cwd: root });
};

test.each([
  [
    '{"set": {"epochs": 5, "subset": {"perClass": 100}}}',
    '"set": ["epochs=5","subset.perClass=100"]',
  ],
  ['{"set": [{"dataset": "cifar10"}]}', 'write "set": ["dataset=cifar10"]'],
  ['{"set": {}}', "write a text or a list of texts"],
  ['{"limit": 1e999}', '/limit: at most 2^53 - 1 (found "1e999'],
  ['{"seeds": [9007199254740993]}', '/seeds/0: at most 2^53 - 1 (found "9007199254740993'],
  ['{"limit": 5, "limit": 6}', "/limit: every member once"],
  ['{"limit": 5,}', "a member's name (found \"}"],
  ["[1]", 'must hold one JSON object, such as {"seeds": "1-4"}'],
  [Buffer.from("\uFEFF{}", "utf16le"), "is UTF-16; save it as UTF-8"],
])("%s in a config file gets advice that fits", (document, advice) => {
  expect(ofRun(document)).toThrow(advice);
});

test.each([
  [["--set", "learningRate.peak=1e400"], "learningRate.peak: 1e400 is too large for a number"],
  [["--set", "learningRate.peak=1e-400"], "learningRate.peak: 1e-400 is too small for a number"],
  [["--set", "normalize.mean=[1,1e999]"], "normalize.mean: 1e999 is too large for a number"],
  [["--set", "batch=9007199254740993"], "too large for a whole number (at most 2^53 - 1)"],
  [["--seeds", "99999999999999999"], "a seed has at most 15 digits"],
  [["--limit", "99999999999999999999"], "is not a whole number from 1 to 100000"],
  [["--reg", "dropout=1e-400"], "dropout=1e-400: write dropout="],
  [["--reg", "rl=1e400"], "lambda 0 to 10000"],
])("%j overflows, and is refused with what is allowed", async (args, part) => {
  const whole = ["run", "--protocol", "micro-1", "--arch", "mlp-8", "--out", join(root, "no")];
  const { code, stderr } = await rademark([...whole, ...args]);
  expect(code).toBe(2);
  expect(stderr).toContain(part);
});

test("a byte order mark before a protocol's file is no part of it, either", () => {
  const file = join(root, "protocol.json");
  const text = JSON.stringify(findProtocol("micro-1"));
  const plannedRun = { protocol: "protocol.json", set: [] };
  for (const mark of ["", "\uFEFF"]) {
    writeFileSync(file, mark + text);
    expect(chooseProtocol(plannedRun, { cwd: root }).name).toBe("micro-1");
  }
  writeFileSync(file, Buffer.from(`\uFEFF${text}`, "utf16le"));
  expect(() => chooseProtocol(plannedRun, { cwd: root })).toThrow(/protocol\.json: is UTF-16/);
  writeFileSync(file, text.replace('"epochs":30', '"epochs":30,"epochs":31'));
  expect(() => chooseProtocol(plannedRun, { cwd: root })).toThrow(/epochs: every member once/);
});

test("a byte order mark before a config file is no part of it", () => {
  const text = JSON.stringify({ ...needed, set: ["epochs=5"], save: ["features", "per-sample"] });
  const values = ofRun(`\uFEFF${text}`)();
  expect(values).toMatchObject({ set: ["epochs=5"], save: ["features", "per-sample"] });
});

test("--save both is what its help says", () => {
  const { save } = trained;
  expect(save!.summary).toContain("both");
  expect(save!.read("both")).toEqual(["features", "per-sample"]);
  expect(() => save!.read("bot")).toThrow("features, per-sample");
});

test("what others read from a variable they find there, however it was given, as an absolute path", () => {
  const config = written({ cache: "c", checkpointSeconds: 2, configFolder: "k", engine: "cuda" });
  const values = readSettings(["--imagenet", "i", "--config", config], commonArguments, {
    env: {},
    cwd: root,
  });
  const variables = passedOn(values, commonArguments, { cwd: root });
  expect(variables).toEqual({
    RADEMARK_CACHE: join(root, "c"),
    RADEMARK_IMAGENET: join(root, "i"),
    RADEMARK_CHECKPOINT_SECONDS: "2",
    RADEMARK_CONFIG: join(root, "k"),
  });
  const { RADEMARK_CONFIG: _, ...ofWorkers } = variables;
  expect(workerVariables(variables)).toEqual(ofWorkers);
});

test.each(["flag", "variable", "file"])("the folder of keys and the cache, by %s", async (way) => {
  mkdirSync(join(root, way, "cache/datasets/cifar10"), { recursive: true });
  const folders = { configFolder: `${way}/keys-here`, cache: `${way}/cache` };
  const { configFolder, cache } = folders;
  const config = written(folders);
  const args = {
    flag: ["--config-folder", configFolder, "--cache", cache],
    variable: [],
    file: ["--config", config],
  }[way]!;
  const variables = {
    RADEMARK_CONFIG: join(root, configFolder),
    RADEMARK_CACHE: join(root, cache),
  };
  const changes = { cwd: root, env: way === "variable" ? variables : {} };
  const { stdout } = await rademark(["keys", "create", "one", ...args], changes);
  expect(stdout).toContain(join(root, configFolder));
  const sets = await rademark(["data", "ls", "--json", ...args], changes);
  const { datasets } = JSON.parse(sets.stdout) as { datasets: { name: string; state: string }[] };
  expect(datasets.find(({ name }) => name === "cifar10")!.state).not.toBe("missing");
});

test.each(["run", "sweep", "validate"])(
  "%s with an engine that is not installed is refused",
  async (name) => {
    const config = written({ engine: "cuda" });
    const options = ["--protocol", "micro-1", "--arch", "cnn-8", "--config", config];
    const out = name === "validate" ? [] : ["--out", join(root, "x")];
    const { code, stderr } = await rademark([name, ...options, ...out]);
    expect(code).toBe(2);
    expect(stderr).toContain("engine cuda is asked for, but this checkout has cpu");
  },
);

test("the set-up reads the same options from the same places, in the same order", () => {
  for (const [key, variable] of Object.entries(OPTIONS)) {
    const argument = commonArguments[key as keyof typeof OPTIONS];
    expect(variableName(key, argument as Argument)).toBe(variable);
    const [one, two] = SAMPLES[key]!;
    const config = written({ [key]: two });
    const at = (args: string[], env: Record<string, string>) =>
      withOptions(args, env, root)[variable];
    const isPath = key !== "engine";
    const expected = (text: string) => (isPath ? join(root, text) : text);
    const flag = flagName(key);
    expect(at([flag, one, "--config", config], { [variable]: two })).toBe(expected(one));
    expect(at([`${flag}=${one}`], {})).toBe(expected(one));
    expect(at(["--config", config], { [variable]: one })).toBe(expected(one));
    expect(at(["run", "--config", config], {})).toBe(expected(two));
    expect(at([], { RADEMARK_CONFIG_FILE: config, [variable]: "" })).toBe(expected(two));
    expect(at(["run", "--", flag, one], {})).toBeUndefined();
  }
  writeFileSync(join(root, "marked.json"), '\uFEFF{"engine": "cuda"}');
  expect(withOptions(["--config", "marked.json"], {}, root).RADEMARK_ENGINE).toBe("cuda");
  expect(() => withOptions(["--config", "gone.json"], {}, root)).toThrow(/gone\.json: there is no/);
});

/** Rows of the first table below a heading, without the marks of code. */
function tableIn(file: string, title: string): string[][] {
  const lines = readFileSync(file, "utf8").split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${title}`));
  const end = lines.findIndex((line, i) => i > start && !line.startsWith("|"));
  return lines.slice(start + 2, end).map((line) =>
    line
      .slice(1, -1)
      .replaceAll("`", "")
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll("\\", "")),
  );
}

function printed(known: Arguments): string[][] {
  return Object.entries(known).map(([key, argument]) => [
    [flagName(key), argument.placeholder].filter(Boolean).join(" "),
    variableName(key, argument)!,
    argument.summary,
  ]);
}

test("README.md prints the shared options as the code has them, and docs/hosting.md a server's", () => {
  const { RADEMARK_PASSPHRASE, ...ofServer } = SECRETS;
  expect(tableIn("README.md", "option")).toEqual([
    ...printed({ ...commonArguments, api: apiArgument }),
    ["", "RADEMARK_PASSPHRASE", RADEMARK_PASSPHRASE],
  ]);
  expect(tableIn("docs/hosting.md", "option")).toEqual([
    ...Object.entries(ofServer).map(([name, summary]) => ["", name, summary]),
    ...printed(serverArguments),
  ]);
});
