import { expect, test } from "vitest";
import { type Command, commandHelp, parseCommandLine } from "../../harness/cli/command.ts";
import { commands } from "../../harness/cli/commands.ts";
import { deriveProtocol } from "../../record/derived-protocol.ts";
import { findProtocol } from "../../record/protocols.ts";
import { rademark } from "../world/command-line.ts";

const loaded: [name: string, command: Command][] = await Promise.all(
  Array.from(commands, async ([name, entry]): Promise<[string, Command]> => [
    name,
    await entry.load(),
  ]),
);
/** Words as a shell would split them; quotes only stand around whole words here. */
const words = (line: string) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2]!);

test.each(loaded)("the list of commands says of %s what its own help says", async (name) => {
  const { stdout: list } = await rademark(["--help"]);
  const { stdout: own } = await rademark([name, "--help"]);
  const summary = own.split("\n")[0]!.replace(`rademark ${name}: `, "");
  expect(list).toContain(`  ${name.padEnd(8)}  ${summary}\n`);
});

test("the list of commands is in four groups, by what a person wants", async () => {
  const { stdout } = await rademark(["--help"]);
  const headings = [...stdout.matchAll(/^(\w+):$/gm)].map(([, group]) => group);
  expect(headings).toEqual(["measure", "look", "publish", "operate"]);
  const measuring = stdout.slice(stdout.indexOf("measure:"), stdout.indexOf("look:"));
  for (const name of ["run", "sweep", "resume", "probe"])
    expect(measuring).toContain(`\n  ${name} `);
});

test("a command's own options come before those for publishing and those of the machine", async () => {
  const { stdout } = await rademark(["sweep", "--help"]);
  const places = ["--seeds", "\nto publish:\n", "--submit", "\nthis machine:\n", "--engine"].map(
    (part) => stdout.indexOf(part),
  );
  expect(Math.min(...places)).toBeGreaterThan(0);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test.each(loaded)("every example of %s is a line that it reads", (name, { meta }) => {
  expect(meta.examples.length).toBeGreaterThan(0);
  for (const example of meta.examples) {
    const [program, command, ...args] = words(example);
    expect([program, commands.has(command!)]).toEqual(["rademark", true]);
    const { args: known } = loaded.find(([each]) => each === command)![1];
    const { texts, problems } = parseCommandLine(args, known);
    const missing = Object.keys(known).filter(
      (key) => !("fallback" in known[key]!) && !texts.has(key),
    );
    expect([example, problems, missing]).toEqual([example, [], []]);
  }
});

test.each(loaded)("the help of %s tells every option, and speaks of no other", (name, command) => {
  const help = commandHelp(name, commands.get(name)!.summary, command);
  const told = new Set([...help.matchAll(/(?<![\w-])--([a-z][a-z-]*)/g)].map(([flag]) => flag));
  const rows = [...help.matchAll(/^ {2}(--[a-z-]+)/gm)].map((match) => match[1]!);
  const elsewhere = ["--operator"]; // admin points at serve's
  for (const flag of told) expect([...rows, ...elsewhere]).toContain(flag);
  for (const line of (command.meta.details ?? "").split("\n"))
    expect(line.length).toBeLessThanOrEqual(110);
});

test("the help tells a newcomer where to begin, with lines that work", async () => {
  const { stdout } = await rademark(["--help"]);
  const lines = [...stdout.matchAll(/^ {4}rademark (\w+) (.*)$/gm)];
  expect(lines).toHaveLength(3);
  for (const [, command, rest] of lines) {
    const { args } = loaded.find(([name]) => name === command)![1];
    expect(parseCommandLine(words(rest!), args).problems).toEqual([]);
  }
  expect(stdout).toContain("rademark start");
});

test("every --set of the help makes a protocol, and an unknown one says where all fields are told", async () => {
  const { stdout } = await rademark(["sweep", "--help"]);
  const lines = stdout.split("\n").filter((line) => /^ {2}--set (?!PATH)/.test(line));
  const settings = lines.map((line) =>
    [...line.matchAll(/--set (?:'([^']*)'|(\S+=\S+))/g)].map((m) => m[1] ?? m[2]!),
  );
  expect(settings.map(({ length }) => length)).toEqual([2, 1, 1, 2]);
  for (const each of settings)
    expect(() => deriveProtocol(findProtocol("micro-1"), each)).not.toThrow();
  const wrong = ["run", "--protocol", "micro-1", "--arch", "mlp-8", "--out", "x", "--set", "lr=1"];
  const { code, stderr } = await rademark(wrong);
  expect(code).toBe(2);
  expect(stderr.length).toBeLessThan(300);
  const [hint] = /rademark ls fields --protocol micro-1/.exec(stderr)!;
  const { stdout: table } = await rademark(hint.split(" ").slice(1));
  expect(table).toMatch(/^learningRate\.peak +0\.05 +a number above 0 and at most 100$/m);
});

test("the help of admin says that reproductions and protocols can be quarantined, and what follows", async () => {
  const { stdout } = await rademark(["admin", "quarantine", "--help"]);
  for (const part of [
    "A reproduction",
    "counts no more",
    "a reproduction's id",
    "protocol, by its name",
    "no more challenges",
    "unknown-protocol",
    "stay listed",
  ])
    expect(stdout).toContain(part);
});
