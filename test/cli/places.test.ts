/** @file Whatever the system refuses, wherever, is said in words: every command, on places where nothing can be. */

import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  symlinkSync,
  writeFileSync,
  existsSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, afterAll, beforeAll, expect, test } from "vitest";
import { commands } from "../../harness/cli/commands.ts";
import { systemErrorWords } from "../../setup/shared/system-error.mjs";
import { rademark } from "../world/command-line.ts";
import {
  callersFolder,
  environmentProblems,
  withAbsolutePaths,
} from "../../setup/shared/environment-variables.mjs";
import { cacheFolder } from "../../setup/cache.mjs";
import { commandLine } from "../../harness/command-line.ts";

describe("a bad place", () => {
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
      const { status, stderr } = shell("$SETUP/rademark.mjs doctor", {
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
    for (const code of [
      "ENOSPC",
      "EDQUOT",
      "EROFS",
      "EMFILE",
      "ENFILE",
      "EIO",
      "ESTALE",
      "ENOMEM",
    ]) {
      const error = Object.assign(new Error(code), { code, syscall: "write" });
      const words = systemErrorWords(error, { place: "runs/a" });
      expect(words).toMatch(/^runs\/a cannot be written: [a-z][^.]+\. [A-Z].+\.$/);
      expect(words).not.toContain(code);
    }
    const cause = Object.assign(new Error("x"), {
      code: "ENOTCONN",
      errno: -107,
      syscall: "write",
    });
    expect(systemErrorWords(new Error("wrapped", { cause }))).toContain("not connected");
    expect(systemErrorWords(Object.assign(new Error("x"), { code: "ERR_ASSERTION" }))).toBeNull();
    expect(systemErrorWords(new TypeError("x is undefined"))).toBeNull();
  });
});

describe("the caller's folder", () => {
  const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "rademark-caller-")));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  // A cache of the caller's own, with the engine of this clone in it.
  mkdirSync(join(folder, "cache"));
  symlinkSync(join(cacheFolder(process.env), "engine"), join(folder, "cache", "engine"));
  mkdirSync(join(folder, "images/train/n01"), { recursive: true });

  /** As a person types it in `folder`, with the npm that is there. */
  function npm(args: string[], env: NodeJS.ProcessEnv) {
    const own = Object.entries(process.env).filter(
      ([name]) => !/^(npm_|INIT_CWD|RADEMARK_)/.test(name),
    );
    return spawnSync("npm", ["--prefix", ROOT, "run", "-s", "rademark", "--", ...args], {
      cwd: folder,
      encoding: "utf8",
      env: { ...Object.fromEntries(own), ...env },
      timeout: 100_000,
    });
  }

  test("relative variables and options start at the caller's folder under npm --prefix", () => {
    const keys = npm(["keys", "create"], {
      RADEMARK_CACHE: "cache",
      RADEMARK_CONFIG: "mine",
    });
    expect([keys.status, keys.stderr]).toEqual([0, ""]);
    expect(existsSync(join(folder, "mine/keys/default.json"))).toBe(true);
    const data = npm(["data", "verify", "cifar100"], { RADEMARK_CACHE: "./cache/" });
    expect(data.stderr).toContain("cifar100: not in the cache");
    const images = npm(
      ["validate", "--protocol", "imagenet-1", "--arch", "vit-ti-16", "--set", "batch=8"],
      { RADEMARK_CACHE: "cache", RADEMARK_IMAGENET: "images" },
    );
    expect(images.stderr).toContain(join(folder, "images/"));
  });

  test("a variable with a carriage return is refused, and shown", () => {
    for (const [name, value] of [
      ["RADEMARK_ENGINE", "cpu\r"],
      ["RADEMARK_CACHE", "cache\r"],
      ["RADEMARK_API", "http://127.0.0.1:1\r"],
    ] as const) {
      const { status, stderr } = npm(["ls", "archs"], { [name]: value });
      expect(status).toBe(2);
      expect(stderr).toContain(`${name} is "${value.trim()}\\r": it must not hold \\r.`);
      expect(stderr).not.toContain("\r");
    }
  });

  test("a line to type again works from the caller's folder", () => {
    const at = (from: string) => ({
      env: {
        npm_lifecycle_event: "rademark",
        npm_package_json: "/a clone/package.json",
        INIT_CWD: from,
      },
    });
    expect(commandLine("ls archs", at("/mine"))).toBe(
      "npm --prefix '/a clone' run -s rademark -- ls archs",
    );
    for (const inside of ["/a clone", "/a clone/docs"])
      expect(commandLine("ls archs", at(inside))).toBe("npm run -s rademark -- ls archs");
  });

  test("nobody's paths are moved: a script of another package, and a folder that was chosen since", () => {
    const npm = {
      INIT_CWD: "/caller",
      npm_lifecycle_event: "rademark",
      npm_package_json: `${ROOT}/package.json`,
    };
    expect(callersFolder(npm, ROOT)).toBe("/caller");
    expect(callersFolder(npm, "/elsewhere")).toBe("/elsewhere");
    expect(callersFolder({}, ROOT)).toBe(ROOT);
    const paths = { RADEMARK_CACHE: "a", XDG_CONFIG_HOME: "../b", TMPDIR: "/c", RADEMARK_OUT: "d" };
    expect(withAbsolutePaths({ ...npm, ...paths }, ROOT)).toMatchObject({
      RADEMARK_CACHE: "/caller/a",
      XDG_CONFIG_HOME: "/b",
      TMPDIR: "/c",
      RADEMARK_OUT: "d", // an option: resolved with the others
    });
  });

  test("what nobody sees in a variable is named by its escape; a secret is not printed", () => {
    const problems = (value: string) => environmentProblems({ RADEMARK_JOBS: value })[0] ?? null;
    expect(problems("2")).toBeNull();
    expect(problems("a b é 👩‍💻 ☎️")).toBeNull();
    expect(problems("2\n")).toContain('RADEMARK_JOBS is "2\\n": it must not hold \\n.');
    expect(problems("2\u00a0")).toContain('is "2\\u00a0": it must not begin or end with \\u00a0.');
    expect(problems(" 2")).toContain("it must not begin or end with a space.");
    expect(problems("\ufeff2")).toContain("begin or end with \\ufeff");
    expect(problems("2\u2028")).toContain("\\u2028");
    expect(problems("2\u001b[31m")).toContain("\\u001b[31m");
    expect(environmentProblems({ RADEMARK_LOG_SEED: "secret\r" })[0]).not.toContain("secret");
    expect(environmentProblems({ RADEMARK_PASSPHRASE: "a\r", PATH: "b\r" })).toEqual([]);
  });

  test("a value's unseen characters are told with its mistake, whichever source it is from", async () => {
    const config = join(folder, "config.json");
    writeFileSync(config, JSON.stringify({ jobs: "2\u00a0" }));
    const base = ["validate", "--protocol", "micro-1", "--arch", "mlp-256"];
    const given = await rademark([...base, "--jobs", "2\r"]);
    expect(given.stderr).toContain('--jobs: "2\\r" is not a whole number');
    expect(given.stderr).toContain("(not seen in it: \\r)");
    const read = await rademark([...base, "--config", config]);
    expect(read.stderr).toContain("(not seen in it: \\u00a0)");
  });
});
