import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadDataset } from "../../harness/data/cached-dataset.ts";
import { nameOfSource, sourceDigest } from "../../record/custom-code.ts";
import { customName } from "../../record/custom-name.ts";
import { OwnFiles, readRegularizerWords } from "../../harness/cli/custom-files.ts";
import { rememberCode } from "../../harness/cli/custom-permission.ts";
import { realEffects } from "../../harness/effects.ts";
import { rademark } from "../world/command-line.ts";

const root = mkdtempSync(join(tmpdir(), "rademark-custom-"));
const at = (path: string) => join(root, path);
const text = (path: string) => readFileSync(at(path), "utf8");

/** Written by the code whenever it is loaded, by the rights of the process that it is in: who ran it? */
const witness = at("witness");
const spy = `globalThis.process.getBuiltinModule("node:fs").writeFileSync(${JSON.stringify(witness)}, "");`;
const ran = () => {
  const isThere = existsSync(witness);
  rmSync(witness, { force: true });
  return isThere;
};

const NET = `${readFileSync("examples/skip-mlp.ts", "utf8").replace("WIDTH = 64", "WIDTH = 8")}\n${spy}\n`;
const DIGEST = sourceDigest(NET);
const NAME = customName(nameOfSource("my-net-2", DIGEST));
const REG = readFileSync("examples/decov.ts", "utf8");
const REG_NAME = customName(nameOfSource("decov", sourceDigest(REG)));

/** Types a command on the author's machine, or on another person's. */
const typed = (args: string[], person = "author") =>
  rademark(args, { cwd: root, env: { ...process.env, RADEMARK_CONFIG: at(person) } });

const run = (...more: string[]) => [
  ...["run", "--protocol", "micro-1", "--set", "subset.perClass=10", "--set", "epochs=2"],
  ...["--set", "batch=20", "--threads", "1", "--seeds", "1", "--quiet", ...more],
];
const own = ["--arch", "./My Net_2.ts", "--reg", "wd=0.005, code/decov.ts=0.10"];

beforeAll(async () => {
  await loadDataset("cifar10");
  mkdirSync(at("code"));
  writeFileSync(at("My Net_2.ts"), NET);
  writeFileSync(at("code/decov.ts"), REG);
  const { code, stderr } = await typed(run(...own, "--out", "a"));
  expect(code, stderr).toBe(0);
}, 600_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The author's folder as somebody gets it before it is finished. */
function sent(name: string): string {
  cpSync(at("a"), at(name), { recursive: true });
  for (const file of ["manifest.json", "summary.json", "seeds"])
    rmSync(join(at(name), file), { recursive: true });
  return name;
}

test("a file by path is trained under the name of its digest, and its source is kept", () => {
  expect(ran()).toBe(true);
  expect(text("a/arch.ts")).toBe(NET);
  expect(text("a/reg.ts")).toBe(REG);
  expect(JSON.parse(text("a/config.json"))).toMatchObject({
    ...{ arch: NAME, regs: `wd=0.005,${REG_NAME}=0.1`, source: DIGEST },
    customTaps: ["embedding", "block 1", "block 2", "block 3"],
  });
  const { files } = JSON.parse(text("a/manifest.json")) as { files: { path: string }[] };
  expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(["arch.ts", "reg.ts"]));
  const final = JSON.parse(text("a/seeds/1/final.json")) as { heads: { tap: number }[] };
  expect(new Set(final.heads.map(({ tap }) => tap))).toEqual(new Set([1, 2, 3, 4]));
  expect(text("author/own-code.txt")).toContain(`${DIGEST}  "./My Net_2.ts"`);
});

test("what looks at a folder shows the name and runs nothing", async () => {
  ran();
  for (const args of [
    ["report", "a"],
    ["compare", "a", "a"],
    ["export", "a", "--csv"],
    ["submit", "a", "--dry-run"],
  ]) {
    const { stdout, stderr } = await typed(args, "reader");
    expect(ran(), args[0]).toBe(false);
    if (args[0] === "compare") expect(stdout + stderr).toContain(NAME);
  }
  expect(text("a/report.html")).toContain(NAME);
});

test("a changed file is another configuration", async () => {
  writeFileSync(at("My Net_2.ts"), `${NET}// changed\n`);
  const { code, stderr } = await typed(run(...own, "--out", "a"));
  writeFileSync(at("My Net_2.ts"), NET);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/holds another configuration.*arch: there "custom:my-net-2@/s),
  ]);
});

test("somebody else's folder runs only what is allowed, and says what that is", async () => {
  sent("theirs");
  ran();
  const refused = await typed(["resume", "theirs"], "reader");
  expect([refused.code, ran()]).toEqual([3, false]);
  expect(refused.stderr).toContain(
    `architecture ${NAME}, ${NET.trimEnd().split("\n").length} lines, SHA-256 ${DIGEST}, in ${at("theirs/arch.ts")}`,
  );
  expect(refused.stderr).toContain(`regularizer ${REG_NAME}`);
  expect(refused.stderr).toContain("--allow-custom-code");
  const byVariable = await rademark(["resume", "theirs"], {
    cwd: root,
    env: { RADEMARK_CONFIG: at("reader"), RADEMARK_ALLOW_CUSTOM_CODE: "true" },
  });
  expect([byVariable.code, ran()]).toEqual([3, false]);
  writeFileSync(at("allow.json"), `{"allowCustomCode": true}`);
  expect((await typed(["resume", "theirs", "--config", "allow.json"], "reader")).code).toBe(2);

  const allowed = await typed(["resume", "theirs", "--allow-custom-code"], "reader");
  expect([allowed.code, ran()], allowed.stderr).toEqual([0, true]);
  expect(allowed.stderr).toContain(`Running code of others, as allowed:\n  architecture ${NAME}`);
  const timeless = (path: string) => text(path).replace(/"timing": \{[^}]*\}/, "");
  expect(timeless("theirs/seeds/1/final.json")).toBe(timeless("a/seeds/1/final.json"));
});

test("a source that is not the digest's is refused, whatever is allowed", async () => {
  sent("tampered");
  writeFileSync(at("tampered/arch.ts"), `${NET} `);
  ran();
  const { code, stderr } = await typed(["resume", "tampered", "--allow-custom-code"]);
  expect([code, ran()]).toEqual([3, false]);
  expect(stderr).toMatch(/arch\.ts was changed: its SHA-256 is/);
});

test.each([
  [["--arch", "my-nett"], /no such architecture \(.*or a file such as \.\/my-net\.ts\)/],
  [["--arch", "./none.ts"], /\.\/none\.ts: there is no such file.*Commas/],
  [["--arch", "./net.py"], /\.\/net\.py: a file of code ends in \.ts/],
  [["--arch", NAME], /give the file itself/],
  [["--arch", "code/crlf.ts"], /code\/crlf\.ts: .*carriage returns/],
  [["--arch", "code/hidden.ts"], /code\/hidden\.ts:2: no control character/],
  [["--arch", "code/large.ts"], /code\/large\.ts: 70000 bytes; at most 65536/],
  [["--arch", "code"], /no such architecture/],
  [
    ["--arch", "mlp-8", "--reg", "code/decov.ts=x"],
    /code\/decov\.ts=x: write \.\/FILE\.ts=STRENGTH/,
  ],
  [
    ["--arch", "mlp-8", "--reg", "code/decov.ts,My Net_2.ts"],
    /one regularizer of one's own at a time/,
  ],
])("%j is refused with what to do", async (words, message) => {
  writeFileSync(at("code/crlf.ts"), NET.replaceAll("\n", "\r\n"));
  writeFileSync(at("code/hidden.ts"), "export default 1;\n// \u202e");
  writeFileSync(at("code/large.ts"), "/".repeat(70_000));
  const { code, stderr } = await typed(run(...words, "--out", "never"));
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  expect(existsSync(at("never"))).toBe(false);
});

test("a regularizer of strength 0 is none, without its source", () => {
  const own = new OwnFiles({ cwd: root });
  expect(own.choice("mlp-8", readRegularizerWords("wd=.1,code/decov.ts=0"))).toMatchObject({
    ...{ regs: `wd=.1,${REG_NAME}=0`, regSource: null, sources: { source: null, regSource: null } },
  });
});

test("where the config folder cannot be written, a line says what follows", () => {
  writeFileSync(at("locked"), "a file in its place");
  let said = "";
  rememberCode([{ file: "./my-net.ts", digest: DIGEST }], {
    ...realEffects,
    env: { RADEMARK_CONFIG: at("locked") },
    err: (words) => void (said += words),
  });
  expect(said).toMatch(/own-code\.txt cannot be written.*will ask for --allow-custom-code/);
});
