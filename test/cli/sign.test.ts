import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createKey } from "../../harness/listing/key-store.ts";
import { EXIT } from "../../harness/errors.ts";
import { readEnvelope } from "../../record/statement/envelope.ts";
import { aFolder, aTrainedFolder } from "../world/run-folders.ts";
import { rademark } from "../world/command-line.ts";

async function aSigner(passphrase: string | null = null) {
  const cwd = aFolder();
  const env = { RADEMARK_CONFIG: join(cwd, "config") };
  const key = await createKey({ name: "default", displayName: null, passphrase }, { env });
  await aTrainedFolder(join(cwd, "a"));
  const run = (args: string[], more = {}) => rademark(args, { cwd, env: { ...env, ...more } });
  const read = (file: string) => readFileSync(join(cwd, file));
  return { cwd, key, run, read };
}

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
