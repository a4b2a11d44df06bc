import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, beforeEach, expect, test } from "vitest";
import { createClient } from "../../harness/listing/client.ts";
import { EXIT } from "../../harness/errors.ts";
import { downloadStatement } from "../../harness/listing/statement-download.ts";
import type { KnownLog } from "../../harness/listing/log-trust.ts";
import { verifyEntry } from "../../harness/listing/verification.ts";
import type { EntryFile } from "../../record/answers/entry-file.ts";
import { formatVerifierKey, verifierKey } from "../../record/log/checkpoint.ts";
import { publicKeyOf } from "../../record/signature/ed25519.ts";
import { rademark } from "../world/command-line.ts";
import { logReader, OFFLINE } from "../world/server.ts";
import { list, sharedServer } from "../world/server.ts";

describe("an entry in the log", () => {
  const server = sharedServer();
  const { env, verify, logsFile, logs } = logReader(server);
  /** A challenged entry that somebody listed. */
  let id: string;
  beforeEach(async () => void (id ??= await list(server.url, "mlp-512")));

  function forge(changes: Partial<KnownLog>): void {
    const [[origin, log]] = Object.entries(logs()) as [[string, KnownLog]];
    writeFileSync(logsFile(), JSON.stringify({ [origin]: { ...log, ...changes } }));
  }

  const ALL = ["signature", "schema", "counts", "challenge", "summary", "log key", "inclusion"];

  test("an entry is checked by its id and by its address, all of it here", async () => {
    for (const target of [
      id,
      `${server.url}/entries/${id}`,
      `${server.url}/v1/entries/${id}/proof`,
    ]) {
      const { code, states, text } = await verify(target);
      expect([code, text]).toEqual([EXIT.ok, expect.stringContaining("trusted from now on")]);
      expect(Object.keys(states)).toEqual([...ALL, "consistency"]);
      expect(new Set(Object.values(states))).toEqual(new Set(["passed"]));
      rmSync(logsFile());
    }
  });

  test("a person reads one line for each check, and the numbers that the counts give", async () => {
    const { stdout } = await rademark(["verify", id], { env: env() });
    expect(stdout).toMatch(new RegExp(`^result ${id}\nok +signature +Signed by [0-9a-f]{64}`));
    expect(stdout).toMatch(/^ok +challenge +3 fresh seeds follow/m);
    expect(stdout).toMatch(/mlp-512 +none +1,841,162 .* ± /);
  });

  test("the log that was seen is remembered, and must only have grown since", async () => {
    await verify(id);
    const before = Object.values(logs())[0]!;
    await list(server.url, "mlp-256");
    const { code, text } = await verify(id);
    expect(code).toBe(EXIT.ok);
    expect(text).toContain(`begin with the ${before.size} seen at`);
    expect(Object.values(logs())[0]!.size).toBeGreaterThan(before.size);
  });

  test("a log whose key has changed is a loud error", async () => {
    await verify(id);
    const stranger = verifierKey("test.log", await publicKeyOf(new Uint8Array(32).fill(9)));
    forge({ verifierKey: formatVerifierKey(stranger) });
    const { code, states, stderr } = await verify(id);
    expect([code, states["log key"]]).toEqual([EXIT.runFailed, "failed"]);
    expect(stderr).toContain("THE KEY OF LOG test.log HAS CHANGED");
  });

  test("a log that has shrunk, or has another history, is a loud error, and is not remembered", async () => {
    await verify(id);
    const { size } = Object.values(logs())[0]!;
    const root = Buffer.alloc(32, 7).toString("base64");
    for (const [changes, reason] of [
      [{ size: size + 1, root }, "has shrunk"],
      [{ root }, "two histories"],
      [{ size: size - 1, root }, "no proof that"],
    ] as const) {
      forge({ size, ...changes });
      const remembered = readFileSync(logsFile(), "utf8");
      const { code, states, stderr } = await verify(id);
      expect([code, states.consistency, stderr]).toEqual([
        EXIT.runFailed,
        "failed",
        expect.stringContaining(reason),
      ]);
      expect(readFileSync(logsFile(), "utf8")).toBe(remembered);
    }
  });
  test("numbers of the server that the counts do not give are told", async () => {
    const client = createClient({ api: server.url });
    const { file, document, entry } = await downloadStatement(client, id);
    const learnedComplexity = { ...document!.summary.learnedComplexity!, mean: 0.01 };
    const lying = { ...document!, summary: { ...document!.summary, learnedComplexity } };
    const { RADEMARK_CONFIG } = env();
    const effects = { env: { RADEMARK_CONFIG }, now: Date.now };
    const { findings } = await verifyEntry(
      file as EntryFile,
      { client, document: lying, entry },
      effects,
    );
    expect(findings.filter(({ state }) => state === "failed")).toMatchObject([{ name: "summary" }]);
  });
});

describe("the file of an entry", () => {
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
    expect([met.code, met.text]).toEqual([
      0,
      expect.stringContaining("The key known for test.log"),
    ]);
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
    ["a member", "schema", (file) => ({ ...file, learnedComplexity: 0.1 })],
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
});
