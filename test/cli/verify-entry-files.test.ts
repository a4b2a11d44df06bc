import { writeFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { EXIT } from "../../harness/errors.ts";
import type { EntryFile } from "../../record/answers/entry-file.ts";
import { OFFLINE, logReader } from "./log-reader.ts";
import { list, sharedServer } from "../world/server.ts";

const server = sharedServer();
const { inFolder, verify, exported, logs } = logReader(server);
/** A challenged entry that somebody listed. */
let id: string;
beforeEach(async () => void (id ??= await list(server.url, "mlp-512")));

const exportEntry = () => exported<EntryFile>(id, "entry.json");
const save = (value: unknown) => writeFileSync(inFolder("entry.json"), JSON.stringify(value));

test("an exported entry is checked without a network, by the file's key or by the one known", async () => {
  await exportEntry();
  const strange = await verify("entry.json", OFFLINE);
  expect([strange.code, strange.text]).toEqual([0, expect.stringContaining("compare it with")]);
  expect(() => logs()).toThrow(); // a file's word is not kept
  await verify(id);
  const met = await verify("entry.json", OFFLINE);
  expect([met.code, met.text]).toEqual([0, expect.stringContaining("known of test.log before")]);
  expect(new Set(Object.values(met.states))).toEqual(new Set(["passed"]));
});

test("a file older than the log that was seen since is not at fault", async () => {
  await exportEntry();
  await list(server.url, "mlp-128");
  await verify(id);
  const { code, states } = await verify("entry.json", { RADEMARK_API: undefined });
  expect([code, states.inclusion, states.consistency]).toEqual([0, "passed", "skipped"]);
});

/** The payload with one text replaced, the same signature over it. */
function withPayload(file: EntryFile, was: string | RegExp, becomes: string): EntryFile {
  const text = Buffer.from(file.envelope.payload, "base64").toString();
  expect(text).toMatch(was);
  const payload = Buffer.from(text.replace(was, becomes)).toString("base64");
  return { ...file, envelope: { ...file.envelope, payload } };
}

const TAMPERED: [what: string, check: string, (file: EntryFile) => object][] = [
  ["a count", "signature", (file) => withPayload(file, /"correct":\d+/, '"correct":2499')],
  ["a member", "schema", (file) => ({ ...file, complexity: 0.1 })],
  ["the nonce", "challenge", (file) => withChallenge(file, { nonce: "00".repeat(32) })],
  ["the challenge", "challenge", (file) => ({ ...file, challenge: null })],
  ["the place", "inclusion", (file) => ({ ...file, proof: { ...file.proof, index: 1 } })],
  [
    "a hash of the proof",
    "inclusion",
    (file) => ({ ...file, proof: { ...file.proof, hashes: file.proof.hashes.toReversed() } }),
  ],
];

function withChallenge(file: EntryFile, changes: object): object {
  const { challenge } = file.challenge!;
  return { ...file, challenge: { ...file.challenge, challenge: { ...challenge, ...changes } } };
}

test.each(TAMPERED)("a file with %s changed fails at %s", async (_, check, change) => {
  save(change(await exportEntry()));
  const { code, states } = await verify("entry.json");
  expect([code, states[check]]).toEqual([EXIT.verification, "failed"]);
});
test("an envelope alone: what it tells is checked, and the rest is said to be missing", async () => {
  save((await exportEntry()).envelope);
  const { code, states } = await verify("entry.json");
  expect(code).toBe(0);
  expect(states).toEqual({
    signature: "passed",
    schema: "passed",
    counts: "passed",
    challenge: "skipped",
    inclusion: "skipped",
    consistency: "skipped",
  });
});

test("what is no file, id or address is said to be none, and damaged JSON where it is damaged", async () => {
  expect(await verify("nothing.json")).toMatchObject({
    code: EXIT.usage,
    stderr: expect.stringContaining("no file here") as string,
  });
  writeFileSync(inFolder("twice.json"), '{"rademark":"entry","rademark":"entry"}');
  expect(await verify("twice.json")).toMatchObject({
    code: EXIT.verification,
    stderr: expect.stringContaining("/rademark") as string,
  });
  expect((await verify("0".repeat(64))).code).toBe(EXIT.usage);
});
