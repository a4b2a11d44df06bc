/** @file Whatever the system refuses, wherever, is said in words: every command, on places where nothing can be. */

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commands } from "../../harness/cli/commands.ts";
import { systemErrorWords } from "../../setup/shared/system-error.mjs";
import { rademark } from "../world/command-line.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NOBODY = 65_534;
const isRootOnLinux = process.platform === "linux" && process.getuid?.() === 0;

const folder = mkdtempSync(join(tmpdir(), "rademark-places-"));
const inside = (name: string) => join(folder, name);
symlinkSync("nowhere", inside("dangling"));
symlinkSync("loop", inside("loop"));
writeFileSync(inside("file"), "{}");
mkdirSync(inside("closed"), { mode: 0o700 });
mkdirSync(inside("closed/below"));
mkdirSync(inside("unwritable"), { mode: 0o555 });
chmodSync(folder, 0o755);

/** As it is typed, and what the answer must name. */
const PLACES: [name: string, place: string, words: RegExp][] = [
  ["a link to nowhere", inside("dangling"), /is a link to nowhere, which is not there|no folder/],
  ["a link to itself", inside("loop"), /is a link that leads in a circle/],
  ["below a link to itself", inside("loop/a"), /loop is a link that leads in a circle/],
  [
    "a name of 300 letters",
    inside("a".repeat(300)),
    /has 300 bytes, and the file system takes 255/,
  ],
  ["below a file", inside("file/a"), /file is a file, not a folder|in the way/],
  ["below /proc", "/proc/rademark/a", /no folder can be made there|There is no|there is no/],
  ["a folder that others may not enter", inside("closed/below"), /permission to enter .*closed/],
];

const run = ["--protocol", "micro-1", "--arch", "mlp-256", "--seeds", "1", "--limit", "1"];
/** Each with a place for a folder or a file; the second value is a variable's. */
const COMMANDS: [line: (place: string) => string[], env?: (place: string) => object][] = [
  [(place) => ["run", ...run, "--out", place]],
  [(place) => ["sweep", ...run, "--out", place]],
  [(place) => ["resume", place]],
  [(place) => ["report", place]],
  [(place) => ["compare", place, place]],
  [(place) => ["submit", place, "--dry-run"]],
  [(place) => ["sign", place, "--out", "x.json"]],
  [(place) => ["probe", "--features", place]],
  [(place) => ["validate", "--config", place, "--protocol", "micro-1", "--arch", "mlp-256"]],
  [() => ["keys", "create"], (place) => ({ RADEMARK_CONFIG: place })],
];

beforeAll(async () => {
  // Nobody may be kept from reading this repository: whatever is needed is loaded before.
  for (const name of commands.keys()) await rademark([name, "--help"]);
  await import("../../harness/probe/probe.ts");
});

afterAll(() => execFileSync("rm", ["-rf", folder]));

/** In this process, as an account that has no right to everything. */
async function asNobody<T>(body: () => Promise<T>): Promise<T> {
  if (!isRootOnLinux) return body();
  process.seteuid!(NOBODY);
  try {
    return await body();
  } finally {
    process.seteuid!(0);
  }
}

for (const [name, place, words] of PLACES)
  test(`${name} is said in words by every command`, async () => {
    const answers = await asNobody(async () => {
      const all: { line: string; code: number; stderr: string }[] = [];
      for (const [line, env] of COMMANDS) {
        const args = line(place);
        const { code, stderr } = await rademark(args, { env: { ...env?.(place) }, cwd: folder });
        all.push({ line: args[0]!, code, stderr });
      }
      return all;
    });
    for (const answer of answers) {
      expect(answer.stderr, answer.line).toMatch(/^rademark: /);
      expect([1, 2], answer.line).toContain(answer.code);
      expect(answer.stderr).not.toMatch(/\n\s+at |ENOENT|ELOOP|EACCES|ENOTDIR|ENAMETOOLONG/);
    }
    const [making, sweeping] = answers;
    for (const { stderr } of [making!, sweeping!]) expect(stderr).toMatch(words);
  });

test("a folder without the right to write says so", async () => {
  const { code, stderr } = await asNobody(() =>
    rademark(["run", ...run, "--out", inside("unwritable/a")], { cwd: folder }),
  );
  expect([code, stderr]).toEqual([
    1,
    `rademark: ${inside("unwritable/a")} cannot be made: there is no permission to use it. ` +
      "Give yourself the right to it (chmod, chown), or choose another place.\n",
  ]);
});

/** In a process of its own, where its streams and limits are real. */
function shell(script: string, env: NodeJS.ProcessEnv = {}) {
  const places = { RADEMARK: `${process.execPath} ${ROOT}harness/cli/rademark.ts` };
  return spawnSync("bash", ["-c", script], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, ...places, SETUP: `${process.execPath} ${ROOT}setup`, ...env },
    timeout: 60_000,
  });
}

test.runIf(process.platform === "linux")("an answer to a full disk is no stack trace", () => {
  for (const line of ["ls archs", "ls protocols --json", "--version", "run --help"]) {
    const { status, stderr } = shell(`$RADEMARK ${line} > /dev/full`);
    expect([status, stderr], line).toEqual([
      1,
      "rademark: Standard output cannot be written: the disk is full. " +
        "Make room there, or choose another place.\n",
    ]);
  }
  expect(shell("$RADEMARK ls protocols --json | true").stderr).toBe("");
});

test("a TMPDIR that is not there, or full, is named", () => {
  const [missing, file] = [inside("none"), inside("file")];
  for (const [place, why] of [
    [missing, `there is no ${missing}`],
    [file, `${file} is a file, not a folder`],
  ] as const) {
    const { status, stderr } = shell(
      "$RADEMARK validate --protocol micro-1 --arch mlp-256 --quiet",
      { TMPDIR: place },
    );
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^rademark: .*rademark-trial-XXXXXX cannot be made: /),
    ]);
    expect(stderr).toContain(
      `${why}. It is for temporary files (TMPDIR is ${place}): set TMPDIR to a folder that is there`,
    );
  }
});

test.runIf(process.platform === "linux")(
  "a cache where no folder can be stops the set-up at once",
  () => {
    const { status, stderr } = shell("$SETUP/rademark.mjs ls archs", {
      RADEMARK_CACHE: "/proc/rademark",
    });
    expect(status).toBe(2);
    expect(stderr).toContain(
      "Set-up stopped: /proc/rademark cannot be made: no folder can be made there.",
    );
    expect(stderr).not.toMatch(/\n\s+at /);
    const served = shell(`$RADEMARK serve --data /proc/rademark/a`);
    expect([served.status, served.stderr]).toEqual([
      2,
      expect.stringContaining("/proc/rademark cannot be made: no folder can be made there."),
    ]);
  },
);

test("a current folder that is gone is said in words", () => {
  const { status, stderr } = shell(
    "mkdir gone; cd gone; rmdir ../gone; $SETUP/rademark.mjs ls archs",
  );
  expect([status, stderr]).toEqual([
    2,
    expect.stringMatching(/^\s*Set-up stopped: The current folder is not there any more/),
  ]);
});

test("many taps need few open files", () => {
  const file = inside("taps.safetensors");
  writeFileSync(file, safetensors(150));
  const { status, stderr, stdout } = shell(
    `ulimit -n 96; $RADEMARK probe --features ${file} --n 2 --json --quiet`,
  );
  expect([status, stderr.match(/open|EMFILE/)]).toEqual([0, null]);
  expect((JSON.parse(stdout) as { taps: unknown[] }).taps).toHaveLength(150);
});

/** Taps of 4 samples, 1 wide. */
function safetensors(taps: number): Buffer {
  const names = Array.from({ length: taps }, (_, i) => `tap${String(i).padStart(4, "0")}`);
  const entries = names.map((name, i) => [
    name,
    { dtype: "F32", shape: [4, 1], data_offsets: [16 * i, 16 * (i + 1)] },
  ]);
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const values = Float32Array.from({ length: 4 * taps }, (_, i) => (i % 4) + 1 / (i + 1));
  return Buffer.concat([length, header, Buffer.from(values.buffer)]);
}

test("every error of the system has words, its place and something to do", () => {
  for (const code of ["ENOSPC", "EDQUOT", "EROFS", "EMFILE", "ENFILE", "EIO", "ESTALE", "ENOMEM"]) {
    const error = Object.assign(new Error(code), { code, syscall: "write" });
    const words = systemErrorWords(error, { place: "runs/a" });
    expect(words).toMatch(/^runs\/a cannot be written: [a-z][^.]+\. [A-Z].+\.$/);
    expect(words).not.toContain(code);
  }
  const cause = Object.assign(new Error("x"), { code: "ENOTCONN", errno: -107, syscall: "write" });
  expect(systemErrorWords(new Error("wrapped", { cause }))).toContain("not connected");
  expect(systemErrorWords(Object.assign(new Error("x"), { code: "ERR_ASSERTION" }))).toBeNull();
  expect(systemErrorWords(new TypeError("x is undefined"))).toBeNull();
});
