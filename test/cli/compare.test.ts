import { join } from "node:path";
import { expect, test } from "vitest";
import type { Difference } from "../../record/statement/conditions.ts";
import { type Configuration, NO_ABLATIONS } from "../../record/configuration.ts";
import { type Protocol, protocolId } from "../../record/protocols.ts";
import type { Run } from "../../record/run.ts";
import { NO_SOURCES } from "../../harness/custom-sources.ts";
import { prepareSweep } from "../../harness/study/sweep-folder.ts";
import {
  ENVIRONMENT,
  aConfiguration,
  aFolder,
  writeJson,
  writeRunFolder,
  writeSweepFolder,
} from "../world/run-folders.ts";
import { micro, aLearnedRun } from "../world/runs.ts";
import { rademark } from "../world/command-line.ts";

const SEEDS = [1, 2, 3, 4, 5];
const runs = (regs = "none", skill = 0.9, seeds = SEEDS): Run[] =>
  seeds.map((seed) => aLearnedRun("mlp-256", regs, seed, skill));

interface Changes {
  configuration?: Partial<Configuration>;
  environment?: object | null;
  protocol?: Protocol;
  runs?: Run[];
}

/** A folder b beside a folder a, which is as `run` leaves it. */
function aPair({ configuration = {}, environment, protocol, runs: own }: Changes) {
  const root = aFolder();
  writeRunFolder(join(root, "a"), runs());
  const { limit = null } = configuration;
  const id = protocolId(protocol ?? micro);
  const finals = (own ?? runs("dropout=0.5", 0.5)).map((run) => ({
    ...run,
    protocol: id,
    epochs: limit === null ? run.epochs : run.epochs.slice(0, limit),
  }));
  const b = join(root, "b");
  writeRunFolder(b, finals, { protocolId: id, ...configuration });
  if (protocol) writeJson(join(b, "protocol.json"), protocol);
  if (environment !== undefined) writeJson(join(b, "env.json"), environment);
  return root;
}

async function compared(root: string) {
  const text = await rademark(["compare", "a", "b"], { cwd: root });
  const json = await rademark(["compare", "a", "b", "--json"], { cwd: root });
  expect(json.code).toBe(text.code);
  const { differences = [] } = (json.stdout === "" ? {} : JSON.parse(json.stdout)) as {
    differences?: Difference[];
  };
  return { ...text, differences };
}

test.each<[string, Changes, string]>([
  [
    "--limit",
    { configuration: { limit: 3 } },
    `the first 3 of ${micro.epochs} (mlp-256 dropout=0.5)`,
  ],
  [
    "--head-input",
    { configuration: { ablations: { ...NO_ABLATIONS, headInput: "raw" } } },
    "head input: rms (mlp-256 none); raw (mlp-256 dropout=0.5)",
  ],
  [
    "--head-layers",
    { configuration: { ablations: { ...NO_ABLATIONS, headLayers: 2 } } },
    "layers of a head: 1 (mlp-256 none); 2",
  ],
  [
    "--per-class",
    { configuration: { ablations: { ...NO_ABLATIONS, perClass: true } } },
    "heads per class: no (mlp-256 none); yes",
  ],
  [
    "--set",
    { protocol: { ...micro, batch: 50, name: "micro-1+custom" }, configuration: { protocol: "x" } },
    `batch: ${micro.batch} (mlp-256 none); 50`,
  ],
])("runs of another %s are not compared, and what differs is named", async (_, changes, part) => {
  const { code, stdout, stderr } = await compared(aPair(changes));
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("numbers that cannot be compared");
  expect(stderr).toContain(part);
  expect(stderr).toContain("train all of them alike");
});

test("a limit that cuts nothing off is none", async () => {
  const { code, differences } = await compared(aPair({ configuration: { limit: micro.epochs } }));
  expect([code, differences]).toEqual([0, []]);
});

const numerics = { deterministic: false, precision: "tf32" };
const git = { commit: "f".repeat(40), dirty: true };
test.each<[string, Changes, string[]]>([
  ["threads", { configuration: { threads: 1 } }, ["2", "1"]],
  ["device", { configuration: { engine: "cuda" } }, ["cpu", "cuda"]],
  ["precision", { environment: { ...ENVIRONMENT, numerics } }, ["float32", "tf32"]],
  ["deterministic operations", { environment: { ...ENVIRONMENT, numerics } }, ["yes", "no"]],
  [
    "library",
    { environment: { ...ENVIRONMENT, tensorflow: "2.19.0" } },
    ["tensorflow 2.18.0", "tensorflow 2.19.0"],
  ],
  ["processor", { environment: { ...ENVIRONMENT, cpu: "Other" } }, [ENVIRONMENT.cpu, "Other"]],
  [
    "harness",
    { environment: { ...ENVIRONMENT, git } },
    ["0.2.0, commit 0123456789ab", "0.2.0, commit ffffffffffff with local changes"],
  ],
  ["seeds", { runs: runs("aug", 0.5, [1, 2, 3, 4, 5, 6]) }, ["1, 2, 3, 4, 5", "1, 2, 3, 4, 5, 6"]],
])(
  "another %s is named, in the table and in JSON, and compared",
  async (condition, changes, values) => {
    const { code, stdout, differences } = await compared(aPair(changes));
    expect(code).toBe(0);
    expect(differences).toContainEqual({ condition, values, weight: "noted" });
    expect(stdout).toMatch(new RegExp(`^Not the same: ${condition}: `, "m"));
    expect(stdout).toContain("A is ");
  },
);

test("a machine that is not known is told as such; the same everywhere is told nowhere", async () => {
  const { stdout, differences } = await compared(
    aPair({ environment: { ...ENVIRONMENT, tensorflow: null } }),
  );
  expect(differences).toEqual([
    { condition: "library", values: ["tensorflow 2.18.0", null], weight: "noted" },
  ]);
  expect(stdout).toContain("tensorflow 2.18.0 (mlp-256 none); not known (mlp-256 dropout=0.5)");
  const same = await compared(aPair({}));
  expect(same.differences).toEqual([]);
  expect(same.stdout).not.toContain("Not the same");
});

test("learned complexity and capacity stand side by side, and what was corrected together is told", async () => {
  const { stdout } = await compared(aPair({}));
  const quantities = stdout.split("\n").map((line) => line.split(/ {2,}/)[0]!);
  expect(quantities.slice(2, 7)).toEqual([
    "learned complexity",
    "capacity",
    "generalization gap",
    "test accuracy",
    "train accuracy",
  ]);
  expect(stdout).toContain("Holm-corrected over all 5 tests shown; intervals are not corrected.");
  expect(stdout).not.toContain("opposite orders");
});

test("a pair that learned complexity and capacity order differently is named", async () => {
  const opposed = runs("rl=10", 0.5).map((run) => {
    const { refit } = run.controls!;
    const higher = refit.map((each) => ({
      ...each,
      redraws: each.redraws.map((k) => 2490 + (k % 3)),
    }));
    return { ...run, controls: { ...run.controls!, refit: higher } };
  });
  const { stdout } = await compared(aPair({ runs: opposed }));
  expect(stdout).toContain(
    "mlp-256 none and mlp-256 rl=10: learned complexity and capacity put them in opposite orders.",
  );
});

/** SciPy 1.17 from the two lists of counts, at level .05/5 and 4 degrees of freedom, as in comparison.test.ts. */
test("a difference that was not found comes with what it had to exceed, and what would be found", async () => {
  const { stdout } = await compared(aPair({ runs: runs("aug", 0.9) }));
  expect(stdout).toMatch(
    /not distinguishable in test accuracy; over 5 seeds an observed difference had to exceed 3\.95 %, and a true one of 5\.04 % would be found with power \.8\./,
  );
});

test("one configuration in two folders is told apart by them", async () => {
  const { stdout } = await compared(aPair({ runs: runs() }));
  expect(stdout).toContain("mlp-256 none (a)");
  expect(stdout).toContain("mlp-256 none (b)");
  expect(stdout).toContain(
    "(a) and mlp-256 none (b): the same test accuracy with each of 5 seeds.",
  );
});

/** A sweep whose second folder was trained otherwise. */
function aMixedSweep(changes: Partial<Configuration>): string {
  const root = aFolder();
  const { limit = null } = changes;
  const second = runs("aug", 0.5).map((run) => ({
    ...run,
    epochs: limit === null ? run.epochs : run.epochs.slice(0, limit),
  }));
  writeSweepFolder(join(root, "grid"), [runs(), second]);
  writeRunFolder(join(root, "grid", "mlp-256+aug"), second, changes);
  return root;
}

test("a sweep that holds another limit has no report of all, and names what differs", async () => {
  const cwd = aMixedSweep({ limit: 3 });
  for (const args of [
    ["report", "grid"],
    ["compare", "grid"],
  ]) {
    const { code, stderr } = await rademark(args, { cwd });
    expect(code).toBe(3);
    expect(stderr).toContain(`epochs: ${micro.epochs} (mlp-256+none); the first 3 of`);
  }
  expect((await rademark(["report", "grid/mlp-256+aug"], { cwd })).code).toBe(0);
});

test("what a sweep was not trained alike in stands below its table, and in its JSON", async () => {
  const cwd = aMixedSweep({ threads: 1 });
  const table = await rademark(["resume", "grid"], { cwd });
  expect(table.stdout).toContain("Not the same: threads: 2 (mlp-256 none); 1 (mlp-256 aug): ");
  const { stdout } = await rademark(["resume", "grid", "--json"], { cwd });
  const { differences } = JSON.parse(stdout) as { differences: Difference[] };
  expect(differences.map(({ condition }) => condition)).toEqual(["threads"]);
});

test("a run that no board takes says so below its table", async () => {
  const root = aFolder();
  const cut = runs().map((run) => ({ ...run, epochs: run.epochs.slice(0, 3) }));
  writeRunFolder(join(root, "a"), cut, { limit: 3 });
  const { stdout } = await rademark(["resume", "a"], { cwd: root });
  expect(stdout).toContain("Not for a board: cut off after 3 epochs.");
});

test("nothing is added to a sweep that could not be compared with what is there", () => {
  const root = join(aFolder(), "grid");
  writeSweepFolder(root, [runs()]);
  const plannedRun = (changes: Partial<Configuration>) => ({
    configuration: aConfiguration({ arch: "cnn-8", ...changes }),
    protocol: micro,
    sources: NO_SOURCES,
    choosesThreads: true,
    data: null,
  });
  expect(() => prepareSweep(root, [plannedRun({ limit: 3 })], 1, ENVIRONMENT)).toThrow(
    `epochs: ${micro.epochs} (there); the first 3 of ${micro.epochs} (asked for)`,
  );
  expect(prepareSweep(root, [plannedRun({ threads: 1 })], 1, ENVIRONMENT)).toHaveLength(1);
});
