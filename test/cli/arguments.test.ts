import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, afterAll, expect, test } from "vitest";
import { type Arguments, commonArguments, wholeNumber } from "../../harness/cli/command.ts";
import { callersFolder } from "../../setup/shared/environment-variables.mjs";
import { parseSeeds } from "../../harness/cli/training-arguments.ts";
import { readSettings } from "../../harness/cli/command-values.ts";
import { rademark } from "../world/command-line.ts";
import { formatTable } from "../../harness/terminal-table.ts";
import { typedLine } from "../../harness/command-line.ts";

describe("arguments", () => {
  const root = mkdtempSync(join(tmpdir(), "rademark-cli-"));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test("every bad value is listed at once, with what is allowed and what was probably meant", async () => {
    const args = ["run", "--protocol", "micro1", "--arch", "mlp-51x", "--reg", "dropot=1,wd=7"];
    const { code, stdout, stderr } = await rademark([...args, "--seeds", "x"], { cwd: root });
    expect(code).toBe(2);
    expect(stdout).toBe("");
    for (const part of [
      "did you mean mlp-512?",
      "did you mean dropout?",
      "wd=7: write wd=0.005",
      '"x" is not a list of seeds',
      "--out DIR is missing",
    ])
      expect(stderr).toContain(part);
  });

  test("an unknown protocol, command or flag is named with its near miss", async () => {
    const run = ["run", "--arch", "mlp-8", "--out", join(root, "x"), "--protocol"];
    expect((await rademark([...run, "micro1"])).stderr).toContain("did you mean micro-1?");
    expect(await rademark(["swep"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean sweep?") as string,
    });
    const flag = await rademark(["run", "--protcol", "micro-1"]);
    expect(flag).toMatchObject({ code: 2, stdout: "" });
    expect(flag.stderr).toContain("did you mean --protocol?");
  });

  test("every command has help with an example, on stdout", async () => {
    const { stdout } = await rademark(["--help"]);
    const names = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1]!);
    expect(names).toEqual(expect.arrayContaining(["run", "sweep", "resume", "doctor", "probe"]));
    for (const name of names) {
      const help = await rademark([name, "--help"]);
      expect(help.code, name).toBe(0);
      expect(help.stdout, name).toContain(`rademark ${name}`);
      expect(help.stdout, name).toContain("examples:");
    }
  });

  const known = {
    epochs: { summary: "", placeholder: "N", read: wholeNumber(1, 9), fallback: 1 },
    ...commonArguments,
  } satisfies Arguments;

  test("a flag beats the environment, which beats the config file, which beats the default", () => {
    const config = join(root, "config.json");
    writeFileSync(config, JSON.stringify({ epochs: 4 }));
    const epochs = (args: string[], env: Record<string, string>) =>
      readSettings(args, known, { env, cwd: root }).epochs;
    const [file, env] = [["--config", config], { RADEMARK_EPOCHS: "3" }];
    expect(epochs(["--epochs", "2", ...file], env)).toBe(2);
    expect(epochs(file, env)).toBe(3);
    expect(epochs(file, {})).toBe(4);
    expect(epochs([], {})).toBe(1);
  });

  test("a bad value says where it came from", () => {
    const config = join(root, "bad.json");
    writeFileSync(config, JSON.stringify({ epochs: 40, epoch: 1 }));
    const read =
      (args: string[], env = {}) =>
      () =>
        readSettings(args, known, { env, cwd: root });
    expect(read(["--config", config])).toThrow(/bad\.json.*epochs/s);
    expect(read(["--config", config])).toThrow(/epoch\b/);
    expect(read([], { RADEMARK_EPOCHS: "no" })).toThrow(/RADEMARK_EPOCHS.*"no"/s);
    expect(read(["--config", join(root, "gone.json")])).toThrow(/gone\.json/);
  });

  test("seeds are the panel, lists, ranges and what mixes them, each once", () => {
    const panel = [1, 2, 3, 4, 5];
    const seeds = (text: string) => parseSeeds(text)(panel);
    expect(seeds("panel")).toEqual(panel);
    expect(seeds("panel+3")).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(seeds("1,2")).toEqual([1, 2]);
    expect(seeds("1-4,3,9")).toEqual([1, 2, 3, 4, 9]);
    for (const bad of ["", "a", "3-1", "1-99999999", "-1", "1.5"])
      expect(() => seeds(bad)).toThrow();
  });

  test("ls prints one JSON document on stdout", async () => {
    for (const what of ["protocols", "archs", "regs", "datasets"]) {
      const { code, stdout } = await rademark(["ls", what, "--json"]);
      expect(code).toBe(0);
      const rows = (JSON.parse(stdout) as Record<string, unknown[]>)[what]!;
      expect(rows.length).toBeGreaterThan(3);
    }
  });

  test("paths are meant from where npm was called", () => {
    const env = { npm_lifecycle_event: "rademark", INIT_CWD: "/elsewhere" };
    expect(callersFolder(env)).toBe("/elsewhere");
    expect(callersFolder({ ...env, npm_lifecycle_event: "start" })).toBe("/elsewhere");
    const others = { ...env, npm_package_json: "/another/package.json" };
    expect(callersFolder(others)).toBe(process.cwd());
    expect(callersFolder({})).toBe(process.cwd());
  });
});

test("nothing in a cell steers the terminal or breaks its line", () => {
  const columns = [{ title: "entry", align: "left" as const }];
  const table = formatTable(columns, [["a\x1b[2Jb\nc\u202ed"]]);
  expect(table).toBe(`entry\n${"-".repeat(21)}\na\\u001b[2Jb\\nc\\u202ed\n`);
});

const typed = ["repro", "http://a.test/entries/1", "--key", "my key", "--reason", "it's"];

test("a command is repeated as a shell reads it, server, key and all", () => {
  const line = typedLine(typed, { env: {} });
  expect(line).toBe(`rademark repro http://a.test/entries/1 --key 'my key' --reason 'it'\\''s'`);
});

test("under npm it is repeated through npm", () => {
  const env = (npm_lifecycle_event: string) => ({ env: { npm_lifecycle_event } });
  expect(typedLine(["run", "--out", "a"], env("rademark"))).toBe(
    "npm run -s rademark -- run --out a",
  );
  expect(typedLine(["start", "--once"], env("start"))).toBe("npm start -- --once");
  expect(typedLine(["start"], env("start"))).toBe("npm start");
});
