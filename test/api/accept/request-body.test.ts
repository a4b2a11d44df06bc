import { gzipSync } from "node:zlib";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { describe, afterAll, beforeAll, expect, test, afterEach } from "vitest";
import { encodeBase64 } from "../../../record/signature/base64.ts";
import { sealBytes, sealEnvelope, type Envelope } from "../../../record/statement/envelope.ts";
import { statementBytes } from "../../../record/statement/statements.ts";
import type { EpochCounts } from "../../../record/run.ts";
import { aCommitment, aResult, alice, bob, hex } from "../../world/statements.ts";
import { aWholeDivergedRun } from "../../world/runs.ts";
import { challenge, problemOf } from "../../world/visitor.ts";
import { openPeopledLaboratory, refused, type Laboratory } from "../../world/laboratory.ts";
import { LIMITS } from "../../../api/deployment.ts";

describe("a body", () => {
  let laboratory: Laboratory;
  beforeAll(async () => {
    laboratory = await openPeopledLaboratory({ address: null });
  });
  afterAll(() => laboratory.close());

  const PATH = "/v1/results";
  const gzip = { "content-encoding": "gzip" };
  const zeros = (bytes: number) => Buffer.alloc(bytes, "0");

  test.each<[string, BodyInit, Record<string, string>, string]>([
    ["of no type", "{}", { "content-type": "" }, "unsupported-media-type"],
    ["of a form", "{}", { "content-type": "multipart/form-data" }, "unsupported-media-type"],
    ["in brotli", "{}", { "content-encoding": "br" }, "unsupported-media-type"],
    ["that is empty", "", {}, "malformed-json"],
    ["that is no JSON", "{", {}, "malformed-json"],
    ["with a duplicate key", '{"payload":"","payload":""}', {}, "duplicate-member"],
    ["that nests deep", "[".repeat(100_000), {}, "too-deep"],
    ["of 1 MB", zeros(1_000_000), {}, "too-large"],
    ["of 1 MB that says it is short", zeros(1_000_000), { "content-length": "2" }, "too-large"],
    ["that says it is long", "{}", { "content-length": "600000" }, "too-large"],
    ["that expands to 64 MB", gzipSync(zeros(64_000_000)), gzip, "expands-too-far"],
    [
      "of 1 MB of gzip",
      gzipSync(crypto.getRandomValues(Buffer.alloc(65_536)).toString("hex").repeat(16), {
        level: 0,
      }),
      gzip,
      "too-large",
    ],
    ["that only says it is gzip", "{}", gzip, "malformed-request"],
    ["of gzip that breaks off", gzipSync("{}").subarray(0, 12), gzip, "malformed-request"],
    [
      "of gzip with more behind it",
      Buffer.concat([gzipSync("{}"), zeros(9)]),
      gzip,
      "malformed-request",
    ],
    ["that is no envelope", "{}", {}, "malformed-envelope"],
    ["that is an array", "[]", {}, "malformed-envelope"],
  ])("a body %s is refused", async (_, body, headers, name) => {
    const { post } = laboratory;
    expect((await refused(laboratory, () => post(PATH, body, headers))).name).toBe(name);
  });

  test("a body just within the limits is read, plain and expanded", async () => {
    const { post } = laboratory;
    const padded = (bytes: number) => Buffer.from("{}".padEnd(bytes, " "));
    for (const [body, headers] of [
      [padded(512 * 1024), {}],
      [gzipSync(padded(4 * 1024 * 1024)), gzip],
    ] as const) {
      const problem = await refused(laboratory, () => post(PATH, body, headers));
      expect(problem.name).toBe("malformed-envelope");
    }
  });

  test("one bit flipped anywhere in an envelope is refused", async () => {
    const { post, logSize } = laboratory;
    const commitment = aCommitment({ unique: hex(10 ** 6) });
    const bytes = utf8ToBytes(
      JSON.stringify(await sealEnvelope("commitment", commitment, [alice.seed])),
    );
    const size = await logSize();
    const names = new Set<string>();
    for (const at of bytes.keys()) {
      const flipped = Uint8Array.from(bytes);
      flipped[at]! ^= 1 << (at % 8);
      const answer = await post("/v1/challenges", flipped);
      expect([at, answer.status]).toEqual([at, 422]);
      names.add(((await answer.json()) as { type: string }).type);
    }
    expect([...names].sort()).toEqual([
      "/problems/bad-signature",
      "/problems/malformed-envelope",
      "/problems/malformed-json",
    ]);
    expect(await logSize()).toBe(size);
    expect((await post("/v1/challenges", bytes)).status).toBe(201);
  });

  /** The result's envelope with other bytes under Alice's signature. */
  function withPayload(envelope: Envelope, change: (text: string) => string): Envelope {
    const text = atob(envelope.payload);
    const changed = change(text);
    expect(changed).not.toBe(text);
    return { ...envelope, payload: encodeBase64(utf8ToBytes(changed)) };
  }

  test("one count changed in a signed result is refused", async () => {
    const result = aResult(await challenge(laboratory));
    const envelope = await sealEnvelope("result", result, [alice.seed]);
    const changed = withPayload(envelope, (text) =>
      text.replace('"testCorrect":4500', '"testCorrect":4501'),
    );
    const problem = await refused(laboratory, () => laboratory.send(PATH, changed));
    expect(problem.name).toBe("bad-signature");
    expect(problem.errors[0]!.pointer).toBe("/signatures/0/sig");
    const others = await sealEnvelope("result", result, [bob.seed]);
    const replayed = await refused(laboratory, () => laboratory.send(PATH, others));
    expect(replayed.name).toBe("bad-signature"); // signed, but not by whom it speaks for
  });

  test.each<[string, (text: string) => string, string]>([
    ["with an aggregate", (text) => text.replace("{", '{"complexity":0.1,'), "/complexity"],
    ["with a duplicate key", (text) => text.replace("{", '{"arch":"mlp-512",'), "/arch"],
    [
      "with an aggregate in a run",
      (text) => text.replace('"panel":[{', '"panel":[{"testAccuracy":0.99,'),
      "/panel/0/testAccuracy",
    ],
    ["with -0", (text) => text.replace('"clipped":5', '"clipped":-0'), "/fresh/0/epochs/0/clipped"],
    [
      "with a count below zero",
      (text) => text.replace('"clipped":5', '"clipped":-5'),
      "/fresh/0/epochs/0/clipped",
    ],
  ])("a signed result %s is refused", async (_, change, pointer) => {
    const result = aResult(await challenge(laboratory));
    const text = new TextDecoder().decode(statementBytes("result", result));
    const envelope = await sealBytes("result", utf8ToBytes(change(text)), [alice.seed]);
    const problem = await refused(laboratory, () => laboratory.send(PATH, envelope));
    expect(problem.name).toBe("malformed-statement");
    expect(problem.errors.map((error) => error.pointer)).toContain(pointer);
    await laboratory.submit("/v1/retractions", "retraction", {
      key: alice.key,
      statement: result.challenge!,
      reason: "only a try",
    });
  });

  test("an address takes no other kind of statement", async () => {
    const envelope = await sealEnvelope("commitment", aCommitment(), [alice.seed]);
    const problem = await refused(laboratory, () => laboratory.send(PATH, envelope));
    expect(problem.name).toBe("wrong-statement");
  });

  test("a result in gzip is accepted", async () => {
    const envelope = await sealEnvelope("result", aResult(null), [alice.seed]);
    const answer = await laboratory.post(PATH, gzipSync(JSON.stringify(envelope)), gzip);
    expect(answer.status).toBe(201);
  });

  test("a diverged run of 30,000 epochs is refused by its protocol's number of them, and by nothing else", async () => {
    const result = aResult(null);
    const diverged = aWholeDivergedRun({ seed: result.panel[1]!.seed });
    const counts = { seen: 1, correct: 0, lossSum: 0, clipped: 0, online: [], frozenOnline: [] };
    const least: EpochCounts = { ...counts, evaluated: null };
    const epochs = Array.from({ length: 30_000 }, () => least); // what 4 MB hold
    const sent = { ...result, panel: result.panel.with(1, { ...diverged, epochs }) };
    const envelope = await sealEnvelope("result", sent, [alice.seed]);
    const body = gzipSync(JSON.stringify(envelope));
    const problem = await refused(laboratory, () => laboratory.post(PATH, body, gzip));
    expect(problem.name).toBe("impossible-counts");
    expect(problem.errors).toEqual([
      { pointer: "/panel/1/epochs", rule: "more than 30", found: "30000 items" },
    ]);
  });

  test("a statement with a hundred thousand faults costs no more than one with one", async () => {
    const result = aResult(null);
    const [first, ...others] = result.panel;
    const epochs = Array.from({ length: 99_000 }, () => ({})); // each lacks five members
    const text = JSON.stringify({ ...result, panel: [{ ...first!, epochs }, ...others] });
    const envelope = await sealBytes("result", utf8ToBytes(text), [alice.seed]);
    const body = gzipSync(JSON.stringify(envelope));
    const started = performance.now();
    const problem = await refused(laboratory, () => laboratory.post(PATH, body, gzip));
    expect(problem.name).toBe("malformed-statement");
    expect(problem.errors[0]!.pointer).toMatch(/^\/panel\/0\/epochs\/0\//);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe("a slow sender", () => {
  let laboratory: Laboratory;
  afterEach(() => laboratory.close());

  /** Writing connections that are held now, and those opened since. */
  async function openCounted() {
    laboratory = await openPeopledLaboratory();
    const { deployment } = laboratory;
    const open = deployment.open.bind(deployment);
    const writers = { held: 0, opened: 0 };
    deployment.open = async (purpose) => {
      const { db, close } = await open(purpose);
      if (purpose === "read") return { db, close };
      writers.held += 1;
      writers.opened += 1;
      return { db, close: () => close().finally(() => (writers.held -= 1)) };
    };
    return writers;
  }

  /** In two parts. @param between is called when the first was taken, before the second is sent. */
  function sentSlowly(body: Uint8Array, between: () => void): Promise<Response> {
    const half = body.length >> 1;
    const parts = [body.subarray(0, half), body.subarray(half)];
    const stream = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const isLast = parts.length === 1;
          if (isLast) await new Promise((resolve) => setTimeout(resolve, 50));
          if (isLast) between();
          controller.enqueue(parts.shift()!);
          if (isLast) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const headers = { "content-type": "application/json" };
    const request = { method: "POST", body: stream, headers, duplex: "half" };
    return Promise.resolve(laboratory.app.request("/v1/challenges", request));
  }

  const commitment = async (n: number) =>
    utf8ToBytes(
      JSON.stringify(
        await sealEnvelope("commitment", aCommitment({ unique: hex(n) }), [alice.seed]),
      ),
    );

  test("no connection is held while a body is on its way", async () => {
    const writers = await openCounted();
    const held: number[] = [];
    const answer = await sentSlowly(await commitment(1), () => held.push(writers.opened));
    expect(answer.status).toBe(201);
    expect(held).toEqual([0]);
    expect(writers).toEqual({ held: 0, opened: 1 });
  });

  test("an address whose quota is used up is refused before its body is read", async () => {
    const writers = await openCounted();
    laboratory.deployment.limits = { ...LIMITS, address: { requests: 1, windowSeconds: 3600 } };
    let isRead = false;
    const answer = await sentSlowly(await commitment(2), () => (isRead = true));
    expect((await problemOf(answer)).name).toBe("too-many-requests");
    expect([isRead, writers.opened]).toEqual([false, 0]);
  });
});
