import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { expect, test } from "vitest";
import { fence } from "../../harness/files.ts";
import { EXIT } from "../../harness/errors.ts";
import { csvText } from "../../record/csv.ts";
import { rademark } from "../world/command-line.ts";
import { aFolder, writeRunFolder, writeSweepFolder } from "../world/run-folders.ts";
import { aDivergedRun, aGrid, aLearnedRun } from "../world/runs.ts";

const TABLES = [
  ...["configurations", "runs", "heads", "epochs", "head_epochs", "controls", "redraws"],
];

const runs = [1, 2].map((seed) => aLearnedRun("mlp-256", "none", seed, 0.9));
const diverged = aDivergedRun({ arch: "mlp-256", regs: "none", seed: 3 });

/** What Parquet holds as 64-bit integers, as JSON has them. */
const asJson = (rows: object[]): unknown =>
  JSON.parse(
    JSON.stringify(rows, (_, value: unknown) =>
      typeof value === "bigint" ? Number(value) : value,
    ),
  );

test("the three kinds of file hold the same rows, nulls among them, and Parquet whole numbers as such", async () => {
  const folder = writeRunFolder(aFolder(), [...runs, diverged]);
  const out = join(aFolder(), "a", "tables");
  for (const format of ["csv", "jsonl", "parquet"]) {
    const { code, stdout } = await rademark(["export", folder, `--${format}`, out]);
    expect([code, stdout]).toEqual([
      0,
      TABLES.map((name) => `${join(out, name)}.${format}\n`).join(""),
    ]);
  }
  for (const name of TABLES) {
    const [csv, jsonl] = ["csv", "jsonl"].map((format) =>
      readFileSync(join(out, `${name}.${format}`), "utf8"),
    );
    const rows = jsonl!
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, string | number | null>);
    const file = new Uint8Array(readFileSync(join(out, `${name}.parquet`))).buffer;
    const parquet = await parquetReadObjects({ file });
    expect(asJson(parquet)).toEqual(rows);
    expect(csv).toBe(csvText(Object.keys(rows[0]!), rows.map(Object.values)));
    if (name !== "runs") continue;
    expect(parquet.map(({ seed }) => seed as bigint)).toEqual([1n, 2n, 3n]);
    expect(parquet[2]).toMatchObject({ testCorrect: null, gap: null, status: "diverged" });
    expect(typeof parquet[0]!["gap"]).toBe("number");
  }
});

test("a sweep is one set of tables, and what is not finished is left out and said", async () => {
  const folder = writeSweepFolder(aFolder(), aGrid(2));
  const begun = writeRunFolder(join(folder, "mlp-256+none"), [runs[0]!], { seeds: [1, 7, 8] });
  const out = join(folder, "tables");
  const { stderr } = await rademark(["export", folder, "--csv", out]);
  expect(stderr).toContain("mlp-256+none: not finished and left out: seeds 7, 8");
  const lines = readFileSync(join(out, "runs.csv"), "utf8").trimEnd().split("\r\n");
  expect(lines).toHaveLength(1 + 15);
  const inside = await rademark(["export", folder, "--csv", join(begun, "tables")]);
  expect([inside.code, inside.stderr]).toEqual([
    EXIT.usage,
    expect.stringContaining("lies in the folder of a run"),
  ]);
});

test("without a finished run, or with a damaged one, nothing is written", async () => {
  const out = join(aFolder(), "tables");
  const none = await rademark(["export", writeRunFolder(aFolder(), []), "--csv", out]);
  expect([none.code, none.stderr]).toEqual([
    EXIT.usage,
    expect.stringContaining("rademark resume"),
  ]);
  const folder = writeRunFolder(aFolder(), runs);
  writeFileSync(join(folder, "seeds", "2", "final.json"), '{"seed":2');
  const damaged = await rademark(["export", folder, "--parquet", out]);
  expect([damaged.code, damaged.stderr]).toEqual([
    EXIT.verification,
    expect.stringContaining(join("seeds", "2", "final.json")),
  ]);
  expect(existsSync(out)).toBe(false);
});

test("files in the way stay unless --force is given; others stay even so", async () => {
  const folder = writeRunFolder(aFolder(), runs);
  const out = aFolder();
  writeFileSync(join(out, "runs.csv"), "mine");
  writeFileSync(join(out, "notes.txt"), "mine");
  const refused = await rademark(["export", folder, "--csv", out]);
  expect([refused.code, refused.stderr]).toEqual([
    EXIT.usage,
    expect.stringMatching(/holds runs\.csv already.*--force/),
  ]);
  expect(readdirSync(out).sort()).toEqual(["notes.txt", "runs.csv"]);
  expect((await rademark(["export", folder, "--csv", out, "--force"])).code).toBe(0);
  expect(readFileSync(join(out, "runs.csv"), "utf8")).toMatch(/^protocol,/);
  expect(readFileSync(join(out, "notes.txt"), "utf8")).toBe("mine");
  mkdirSync(join(out, "heads.jsonl"));
  const blocked = await rademark(["export", folder, "--jsonl", out, "--force"]);
  expect(blocked.stderr).toContain("heads.jsonl is no file");
  const file = await rademark(["export", folder, "--jsonl", join(out, "notes.txt")]);
  expect(file.stderr).toContain("is a file; the tables need a folder");
});

test("when a table cannot be written, those of the earlier export stay", async () => {
  const folder = writeRunFolder(aFolder(), runs);
  const out = aFolder();
  await rademark(["export", folder, "--csv", out]);
  const before = readFileSync(join(out, "configurations.csv"));
  writeRunFolder(folder, [...runs, diverged]);
  let writes = 0;
  const open = fence(out, () => ++writes < 8); // as a full disk would, after some tables
  const failed = await rademark(["export", folder, "--csv", out, "--force"]);
  open();
  expect(failed.code).toBe(EXIT.runFailed);
  expect(readFileSync(join(out, "configurations.csv")).equals(before)).toBe(true);
  expect(readdirSync(out).sort()).toEqual(TABLES.map((name) => `${name}.csv`).sort());
});

test("anything but one source and one place for it is refused with the three ways", async () => {
  const ways = [
    ["export"],
    ["export", "runs/a"],
    ["export", "runs/a", "--csv", "x", "--jsonl", "y"],
    ["export", "runs/a", "--csv", "x", "--out", "y"],
    ["export", "--parquet", "x", "--protocol", "micro-1"],
  ];
  for (const way of ways) {
    const { code, stderr } = await rademark(way);
    expect([way, code, stderr]).toEqual([
      ...[way, EXIT.usage],
      expect.stringContaining("DIR and one of --csv, --jsonl or --parquet"),
    ]);
  }
});
