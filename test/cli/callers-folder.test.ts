/** @file What a person typed where they are, through the real `npm --prefix`: paths, variables, and what nobody sees. */

import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import {
  callersFolder,
  environmentProblems,
  withAbsolutePaths,
} from "../../setup/shared/environment.mjs";
import { cacheFolder } from "../../setup/cache.mjs";
import { commandLine } from "../../harness/command-line.ts";
import { rademark } from "../world/command-line.ts";

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
