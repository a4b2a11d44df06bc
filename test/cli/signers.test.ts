import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT, UserError } from "../../harness/errors.ts";
import { createKey } from "../../harness/listing/key-store.ts";
import { openEnvelope } from "../../record/statement/envelope.ts";
import { ok, scriptedServer } from "../listing/scripted-server.ts";
import { type Person, aPerson } from "../world/command-line.ts";
import { onMicro, run, sharedServer } from "../world/server.ts";

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
  const { code, stderr } = await person.run(["submit", "grid", "--key", "careful"], { askSecret });
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
  expect((await ada.run(["retract", id, "--reason", "wrong data"])).stdout).toContain("Retracted");
  const twice = await ada.run(["retract", id, "--reason", "wrong data"]);
  expect(twice.stdout).toContain("Already retracted");
}, 60_000);

test("an acknowledgement of another statement is no retraction", async () => {
  const liar = await scriptedServer([ok({ id: "e".repeat(64), index: 1, checkpoint: "a note" })]);
  const person = await aPerson(liar.api);
  const { code, stdout } = await person.run(["retract", "f".repeat(64), "--reason", "wrong data"]);
  liar.close();
  expect([code, stdout]).toEqual([EXIT.verification, ""]);
});
