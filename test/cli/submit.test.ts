import { readFileSync, rmSync, writeFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Result, statementBytes, statementId } from "../../record/statement/statements.ts";
import type { ChallengeDocument } from "../../record/answers/documents.ts";
import { type Person, aPerson, rademark } from "../world/command-line.ts";
import { aServer, run, sharedServer, onMicro } from "../world/server.ts";
import { EXIT, UserError } from "../../harness/errors.ts";
import { createKey } from "../../harness/listing/key-store.ts";
import { openEnvelope, readEnvelope } from "../../record/statement/envelope.ts";
import { ok, scriptedServer } from "../world/scripted-server.ts";
import { aFolder, aTrainedFolder, writeRunFolder } from "../world/run-folders.ts";
import { aRun } from "../world/runs.ts";

describe("submit", () => {
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
    const replaced = await person.run([
      "submit",
      "b",
      "--supersedes",
      `${server.url}/entries/${id}`,
    ]);
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
});

describe("a submission that is interrupted", () => {
  const server = sharedServer();

  test("without a network it is signed, kept and queued; --queued sends it once there is one", async () => {
    const gone = await aServer(join(server.root, "gone"));
    await gone.close();
    const person = await aPerson(gone.url);
    await person.run(run());
    const offline = await person.run(["submit", "a"]);
    expect(offline.code).toBe(4);
    expect(offline.stderr).toContain("rademark submit --queued");
    const kept = readFileSync(join(person.cwd, "a/submission.json"), "utf8");
    expect(readdirSync(person.queue)).toHaveLength(1);
    const back = await aServer(join(server.root, "gone"), Number(new URL(gone.url).port));
    try {
      const sent = await person.run(["submit", "--queued"]);
      expect(sent.code, sent.stderr).toBe(0);
      expect(sent.stdout).toMatch(/^mlp-512 none: listed: /);
      expect(readFileSync(join(person.cwd, "a/submission.json"), "utf8")).toBe(kept);
      expect(readdirSync(person.queue)).toEqual([]);
      const nothing = await person.run(["submit", "--queued"]);
      expect(nothing.stderr).toContain("Nothing waits");
    } finally {
      await back.close();
    }
  }, 60_000);

  test("what can be neither sent nor queued is told to be kept in its folder", async () => {
    const person = await aPerson("http://127.0.0.1:1");
    const args = ["run", "--protocol", "micro-1", "--threads", "1", "--arch", "mlp-64"];
    await person.run([...args, "--out", "kept"]);
    writeFileSync(person.queue, "in the way");
    const { code, stderr } = await person.run(["submit", "kept"]);
    expect(code).toBe(EXIT.network);
    expect(stderr).toMatch(/cannot be reached.*\nIt cannot be queued either: .*in the way/);
    expect(stderr).toContain(`later, submit ${join(person.cwd, "kept")} again`);
    expect(person.has("kept/submission.json")).toBe(true);
  });

  test("with the server gone after the training, it is said what waits and how to send it", async () => {
    const gone = await aServer(join(server.root, "gone-later"));
    const person = await aPerson(gone.url);
    await person.run(run("--challenge"));
    await gone.close();
    const { code, stderr } = await person.run(run("--challenge", "--submit"));
    expect(code).toBe(EXIT.network);
    expect(stderr).toContain("signed and kept. Send it later with: rademark submit --queued");
    expect(readdirSync(person.queue)).toHaveLength(1);
  }, 120_000);

  test("after Ctrl-C, the line that goes on is the command itself, server, key and all", async () => {
    const person = await aPerson("http://127.0.0.1:1");
    const words = run("--challenge", "--submit", "--key", "default", "--api", server.url);
    const onInterrupt = (listener: () => void) => {
      listener();
      return () => undefined;
    };
    const stopped = await person.run(words, { onInterrupt });
    expect(stopped.code, stopped.stderr).toBe(EXIT.interrupted);
    expect(stopped.stderr).toContain(`Go on with: rademark ${words.join(" ")}\n`);
    const done = await person.run(words);
    expect(done.stdout).toMatch(/listed: /);
  });
});

describe("another signer", () => {
  const server = sharedServer();
  const passphrase = "horse";
  const interrupted = () => Promise.reject(new UserError("interrupted", EXIT.interrupted));

  /** A person whose key asks for a passphrase. */
  async function aCarefulPerson(): Promise<Person> {
    const person = await aPerson(server.url);
    const env = { RADEMARK_CONFIG: join(person.cwd, "config") };
    await createKey({ name: "careful", displayName: null, passphrase }, { env });
    return person;
  }

  test("the passphrase is asked for before the training, and Ctrl-C there trains nothing", async () => {
    const person = await aCarefulPerson();
    const words = run("--submit", "--key", "careful");
    const { code, stderr } = await person.run(words, { askSecret: interrupted });
    expect(code, stderr).toBe(EXIT.interrupted);
    expect(person.has("a")).toBe(false);
  });

  test("a whole grid asks for its key's passphrase once", async () => {
    const person = await aCarefulPerson();
    const grid = ["sweep", ...onMicro, "--arch", "mlp-512", "--reg", "none;aug", "--out", "grid"];
    await person.run(grid);
    const questions: string[] = [];
    const askSecret = (question: string) => Promise.resolve((questions.push(question), passphrase));
    const { code, stderr } = await person.run(["submit", "grid", "--key", "careful"], {
      askSecret,
    });
    expect(code, stderr).toBe(0);
    expect(questions).toEqual(["Passphrase of key careful: "]);
  }, 60_000);

  test("what was committed to with one key goes on with it, unless another is asked for", async () => {
    const person = await aPerson(server.url);
    const env = { RADEMARK_CONFIG: join(person.cwd, "config") };
    const work = { name: "work", displayName: null, passphrase: null };
    const { publicKey } = await createKey(work, { env });
    await person.run(run("--challenge", "--key", "work"));
    const done = await person.run(run("--challenge", "--submit"));
    expect(done.code, done.stderr).toBe(0);
    const opened = await openEnvelope(person.json("a/submission.json"));
    expect(opened).toMatchObject({ ok: true, statement: { key: publicKey } });
  });

  test("another key reproduces an entry on fresh seeds of its own; retracting is for its signer", async () => {
    const [ada, bob] = [await aPerson(server.url), await aPerson(server.url)];
    await ada.run(run("--challenge", "--submit"));
    const { id } = ada.json("a/receipt.json") as { id: string };
    const preview = await bob.run(["repro", id, "--out", "r", "--threads", "1", "--dry-run"]);
    expect(preview.stdout).toContain("5 panel and 3 fresh seeds");
    expect(bob.has("r")).toBe(false);
    const repro = ["repro", id, "--out", "r", "--threads", "1"];
    const { code, stdout, stderr } = await bob.run(repro);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/test accuracy +45\.00 % +45\.00 %/);
    expect(stdout).toContain("Agrees");
    expect(stdout).toContain(`listed: ${server.url}/entries/${id}`);
    const again = await bob.run(repro);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stdout).toContain("already listed");
    const entry = (await (await fetch(`${server.url}/v1/entries/${id}`)).json()) as {
      reproductions: { verdict: string; own: boolean }[];
    };
    expect(entry.reproductions).toMatchObject([{ verdict: "agree", own: false }]);
    const foreign = await bob.run(["retract", id, "--reason", "mine now"]);
    expect(foreign.code).toBe(3);
    expect((await ada.run(["retract", id, "--reason", "wrong data"])).stdout).toContain(
      "Retracted",
    );
    const twice = await ada.run(["retract", id, "--reason", "wrong data"]);
    expect(twice.stdout).toContain("Already retracted");
  }, 60_000);

  test("an acknowledgement of another statement is no retraction", async () => {
    const liar = await scriptedServer([ok({ id: "e".repeat(64), index: 1, checkpoint: "a note" })]);
    const person = await aPerson(liar.api);
    const { code, stdout } = await person.run([
      "retract",
      "f".repeat(64),
      "--reason",
      "wrong data",
    ]);
    liar.close();
    expect([code, stdout]).toEqual([EXIT.verification, ""]);
  });
});

async function aSigner(passphrase: string | null = null) {
  const cwd = aFolder();
  const env = { RADEMARK_CONFIG: join(cwd, "config") };
  const key = await createKey({ name: "default", displayName: null, passphrase }, { env });
  await aTrainedFolder(join(cwd, "a"));
  const run = (args: string[], more = {}) => rademark(args, { cwd, env: { ...env, ...more } });
  const read = (file: string) => readFileSync(join(cwd, file));
  return { cwd, key, run, read };
}

test.each([
  ["submit", "a", "--dry-run"],
  ["submit", "a"],
  ["sign", "a", "--out", "a.json"],
])(
  "%s %s %s: a folder that no server would list is refused before a key is asked for",
  async (...words) => {
    const cwd = aFolder();
    writeRunFolder(join(cwd, "a"), [aRun({ seed: 1 })], { limit: 2 });
    const env = { RADEMARK_CONFIG: join(cwd, "config") };
    const { code, stderr } = await rademark(words, { cwd, env });
    expect(code).not.toBe(0);
    expect(stderr).toContain("cannot be submitted: cut off after 2 epochs");
    expect(stderr).not.toContain("key");
  },
);

test("a trained folder is signed without a network, and the envelope verifies", async () => {
  const { key, run, read } = await aSigner();
  const { code, stdout, stderr } = await run(["sign", "a", "--out", "result.json", "--json"]);
  expect(code, stderr).toBe(0);
  const { id } = JSON.parse(stdout) as { id: string };
  const opened = await readEnvelope(read("result.json"));
  expect(opened).toMatchObject({ ok: true, kind: "result", id, statement: { key: key.publicKey } });
  const verified = await run(["verify", "result.json"]);
  expect(verified.code, verified.stdout).toBe(0);
});

test("signing again gives the same bytes, and overwrites no file", async () => {
  const { run, read } = await aSigner();
  await run(["sign", "a", "--out", "one.json"]);
  await run(["sign", "a", "--out", "two.json"]);
  expect(read("two.json")).toEqual(read("one.json"));
  const again = await run(["sign", "a", "--out", "one.json"]);
  expect([again.code, again.stderr]).toEqual([EXIT.usage, expect.stringContaining("already")]);
});

test("a folder that was changed after training is not signed", async () => {
  const { cwd, run } = await aSigner();
  const path = join(cwd, "a/seeds/1/final.json");
  writeFileSync(path, readFileSync(path, "utf8").replace(/"correct": \d+/, '"correct": 2400'));
  const { code, stderr } = await run(["sign", "a", "--out", "result.json"]);
  expect([code, stderr]).toEqual([EXIT.verification, expect.stringContaining("final.json")]);
});

test("a key behind a passphrase signs only with it", async () => {
  const { run } = await aSigner("horse");
  const refused = await run(["sign", "a", "--out", "result.json"]);
  expect([refused.code, refused.stderr]).toEqual([
    EXIT.usage,
    expect.stringContaining("passphrase"),
  ]);
  const signed = await run(["sign", "a", "--out", "result.json"], { RADEMARK_PASSPHRASE: "horse" });
  expect(signed.code, signed.stderr).toBe(0);
});
