import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Result, statementBytes, statementId } from "../../record/statement/statements.ts";
import type { ChallengeDocument } from "../../record/answers/documents.ts";
import { type Person, aPerson } from "../world/command-line.ts";
import { aServer, run, sharedServer } from "../world/server.ts";

const server = sharedServer();

async function challengeOf(person: Person, folder: string): Promise<ChallengeDocument> {
  const { challenge } = person.json(`${folder}/challenge.json`) as ChallengeDocument;
  const response = await fetch(`${server.url}/v1/challenges/${challenge.id}`);
  return (await response.json()) as ChallengeDocument;
}

test("commit, train, submit: one command lists a result on seeds that nobody could choose", async () => {
  const person = await aPerson(server.url);
  const { code, stdout, stderr } = await person.run(run("--challenge", "--submit"));
  expect(stderr).toMatch(/mlp-512 none: fresh seeds \d+, \d+, \d+; submit before/);
  expect(code, stderr).toBe(0);
  const [, address] = /mlp-512 none: listed: (\S+)/.exec(stdout)!;
  const challenge = await challengeOf(person, "a");
  const id = address!.split("/").at(-1)!;
  expect(challenge.outcome).toMatchObject({ outcome: "completed", statement: id });
  const { seeds } = person.json("a/config.json") as { seeds: number[] };
  expect(seeds.slice(5)).toEqual(challenge.challenge.seeds);
  expect(person.json("a/receipt.json")).toMatchObject({ id });
  expect((await fetch(`${server.url}/v1/entries/${id}`)).status).toBe(200);
});

test("the same folder again sends the same bytes and is told to be listed already", async () => {
  const person = await aPerson(server.url);
  await person.run(run());
  const first = await person.run(["submit", "a"]);
  expect(first.code, first.stderr).toBe(0);
  expect(first.stdout).toMatch(/^mlp-512 none: listed: http/);
  const files = ["submission.json", "receipt.json"].map((file) => join(person.cwd, "a", file));
  const before = files.map((file) => readFileSync(file, "utf8"));
  const size = await server.logSize();
  const again = await person.run(["submit", "a"]);
  expect(again.code).toBe(0);
  expect(again.stdout).toBe(first.stdout.replace("listed", "already listed"));
  rmSync(files[0]!); // as on another copy of the folder
  rmSync(files[1]!);
  expect((await person.run(["submit", "a"])).stdout).toBe(again.stdout);
  expect(files.map((file) => readFileSync(file, "utf8"))).toEqual(before);
  expect(await server.logSize()).toBe(size);
});

test("--dry-run prints exactly what would become public, and sends nothing", async () => {
  const person = await aPerson(server.url);
  await person.run(run());
  const size = await server.logSize();
  const { code, stdout, stderr } = await person.run(["submit", "a", "--dry-run"]);
  expect(code, stderr).toBe(0);
  expect(await server.logSize()).toBe(size);
  expect(person.has("a/submission.json")).toBe(false);
  const statement = Result.parse(JSON.parse(stdout));
  expect(stderr).toContain(person.key.publicKey);
  expect(stderr).toContain("display name  Ada");
  const listed = await person.run(["submit", "a"]);
  expect(listed.stdout).toContain(statementId(statementBytes("result", statement)));
});

test("a refusal is a sentence with the pointer into the statement, and can be mended", async () => {
  const person = await aPerson(server.url);
  await person.run(run());
  const refused = await person.run(["submit", "a", "--supersedes", "f".repeat(64)]);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain("/supersedes");
  expect(refused.stderr).not.toContain("    at ");
  expect(person.has("a/receipt.json")).toBe(false);
  expect((await person.run(["submit", "a"])).code).toBe(0);
});

test("a later result replaces an earlier one of the same key", async () => {
  const person = await aPerson(server.url);
  await person.run(run("--submit"));
  const { id } = person.json("a/receipt.json") as { id: string };
  const later = run("--challenge").map((word) => (word === "a" ? "b" : word));
  await person.run(later);
  const replaced = await person.run(["submit", "b", "--supersedes", `${server.url}/entries/${id}`]);
  expect(replaced.code, replaced.stderr).toBe(0);
});

test("a result that another server lists is submitted to one that does not have it", async () => {
  const other = await aServer(join(server.root, "other"));
  const person = await aPerson(server.url);
  await person.run(run("--submit"));
  const again = await person.run(run("--submit"));
  expect(again.stdout).not.toContain("listed");
  const there = await person.run(run("--submit", "--api", other.url));
  await other.close();
  expect(there.stdout).toMatch(/^mlp-512 none: listed: /m);
}, 60_000);

test("--dry-run shows the statement that was signed and the name that the server shows", async () => {
  const person = await aPerson(server.url);
  await person.run(run());
  await person.run(["keys", "name", "default", "--display-name", "Countess"]);
  const file = join(person.cwd, "config/keys/default.json");
  writeFileSync(file, readFileSync(file, "utf8").replace("Countess", "Ada"));
  const supersedes = "f".repeat(64);
  await person.run(["sign", "a", "--out", "a.json", "--supersedes", supersedes]);
  const { stdout, stderr } = await person.run(["submit", "a", "--dry-run"]);
  expect(Result.parse(JSON.parse(stdout)).supersedes).toBe(supersedes);
  expect(stderr).toContain("display name  Countess");
});
