import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { ChallengeDocument } from "../../record/answers/documents.ts";
import { EXIT } from "../../harness/errors.ts";
import { aPerson } from "../world/command-line.ts";
import { onMicro, run, sharedServer } from "../world/server.ts";

const server = sharedServer();

test("an answer that was lost costs no second challenge", async () => {
  const person = await aPerson(server.url);
  await person.run(run("--challenge"));
  const { challenge } = person.json("a/challenge.json") as ChallengeDocument;
  for (const file of ["challenge.json", "config.json", "manifest.json"])
    rmSync(join(person.cwd, "a", file)); // killed before the answer was written
  rmSync(join(person.cwd, "a/seeds"), { recursive: true });
  rmSync(join(person.cwd, "a/summary.json"));
  const size = await server.logSize();
  const again = await person.run(run("--challenge"));
  expect(again.code, again.stderr).toBe(0);
  expect((person.json("a/challenge.json") as ChallengeDocument).challenge).toEqual(challenge);
  expect(await server.logSize()).toBe(size);
});

test("a sweep of more configurations than may be open takes the next challenges as it goes", async () => {
  const person = await aPerson(server.url);
  const grid = ["sweep", ...onMicro, "--arch", "mlp-512", "--reg", "none;wd=0.005;dropout=0.5;aug"];
  const sweep = [...grid, "--out", "grid", "--challenge"];
  const refused = await person.run(sweep);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("--submit");
  // One that stays open elsewhere leaves room for two at a time.
  await person.run(run("--challenge"));
  const done = await person.run([...sweep, "--submit", "--jobs", "2"]);
  expect(done.code, done.stderr).toBe(0);
  expect(done.stdout.match(/: listed: /g)).toHaveLength(4);
  const size = await server.logSize();
  const again = await person.run([...sweep, "--submit", "--jobs", "2"]);
  expect(again.code, again.stderr).toBe(0);
  expect(await server.logSize()).toBe(size);
  const whole = await person.run(["submit", "grid"]);
  expect(whole.stdout.match(/: already listed: /g)).toHaveLength(4);
}, 60_000);

test("a fourth open challenge is refused with what to do", async () => {
  const person = await aPerson(server.url);
  const at = (out: string) => run("--challenge").map((word) => (word === "a" ? out : word));
  for (const out of ["a", "b", "c"]) expect((await person.run(at(out))).code).toBe(0);
  const fourth = await person.run(at("d"));
  expect(fourth.code).toBe(4);
  expect(fourth.stderr).toContain("rademark retract");
  expect(person.has("d/commitment.json")).toBe(true);
  const { challenge } = person.json("a/challenge.json") as ChallengeDocument;
  const given = await person.run(["retract", challenge.id, "--reason", "the disk is full"]);
  expect(given.code, given.stderr).toBe(0);
  expect((await person.run(at("d"))).code).toBe(0);
  const over = await person.run(at("a"));
  expect(over.code).toBe(2);
  expect(over.stderr).toMatch(/was given up .*the disk is full.*Choose another --out/s);
});

test("one challenge that is over keeps no other configuration from being trained and listed", async () => {
  const person = await aPerson(server.url);
  const grid = ["sweep", ...onMicro, "--arch", "mlp-512", "--reg", "none;aug", "--out", "grid"];
  expect((await person.run([...grid, "--challenge"])).code).toBe(0);
  const { challenge } = person.json("grid/mlp-512+none/challenge.json") as ChallengeDocument;
  await person.run(["retract", challenge.id, "--reason", "the disk is full"]);
  const { code, stdout, stderr } = await person.run([...grid, "--challenge", "--submit"]);
  expect(code, stderr).toBe(EXIT.usage);
  expect(stderr).toMatch(/^mlp-512 none: The challenge of .* was given up/m);
  expect(stdout).toMatch(/^mlp-512 aug: listed: /m);
}, 60_000);

test("refusals of a wave are told although the next wave finds no room", async () => {
  const person = await aPerson(server.url);
  const regs = "none;wd=0.005;dropout=0.5;aug";
  const grid = ["sweep", ...onMicro, "--arch", "mlp-512", "--reg", regs, "--out", "grid"];
  const worker = fileURLToPath(new URL("../world/copying-worker.ts", import.meta.url));
  const { code, stderr } = await person.run([...grid, "--challenge", "--submit"], { worker });
  expect(code).toBe(EXIT.verification);
  expect(stderr.match(/would be refused, so nothing was sent/g)).toHaveLength(3);
  expect(stderr).toMatch(/^mlp-512 aug: .*Too many challenges of this key are open/m);
}, 60_000);

test("an expired challenge is said to be, before anything is trained", async () => {
  const person = await aPerson(server.url);
  await person.run(run("--challenge"));
  const later = await person.run(run("--challenge"), { now: () => Date.now() + 400 * 86_400_000 });
  expect(later.code).toBe(2);
  expect(later.stderr).toMatch(/challenge of .* expired at 20/);
});

test("what cannot be listed is not committed to", async () => {
  const person = await aPerson(server.url);
  const size = await server.logSize();
  const short = await person.run(run("--challenge", "--limit", "2"));
  expect(short.code).toBe(2);
  expect(short.stderr).toContain("cut off after 2 epochs");
  const seeds = await person.run(run("--challenge", "--seeds", "1-8"));
  expect(seeds.stderr).toContain("--seeds does not go with --challenge");
  await person.run(run());
  const late = await person.run(run("--challenge"));
  expect(late.code).toBe(2);
  expect(late.stderr).toContain("was begun without a challenge");
  writeFileSync(join(person.cwd, "notes.txt"), "");
  const foreign = run("--challenge").map((word) => (word === "a" ? "." : word));
  expect((await person.run(foreign)).stderr).toContain("not an output folder");
  expect(await server.logSize()).toBeLessThanOrEqual(size + 1); // the key, at most
});
