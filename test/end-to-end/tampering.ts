/** @file Bodies that somebody changed, borrowed or blew up, sent over HTTP. */

import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { ProblemDocument } from "../../record/answers/problem-document.ts";
import type { IssuedChallenge } from "../../record/statement/challenge.ts";
import { type Envelope, sealEnvelope } from "../../record/statement/envelope.ts";
import { type Visitor, challenge, visitor } from "../world/visitor.ts";
import { aResult, alice, bob } from "../world/statements.ts";
import type { Stage } from "./stage.ts";

/** @param stage whose server knows Alice. */
export function tamperingIsRefused(stage: () => Stage): void {
  let someone: Visitor;
  let issued: IssuedChallenge;
  /** Would be accepted as it is. */
  let sealed: Envelope;

  /** The problem's name, with log and boards as they were. */
  const refused = async (body: BodyInit, headers: Record<string, string> = {}): Promise<string> => {
    const state = async () => [await stage().size(), (await stage().board()).total];
    const before = await state();
    const answer = await fetch(`${stage().url}/v1/results`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...headers },
    });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    const { type, status } = (await answer.json()) as ProblemDocument;
    expect(status).toBe(answer.status);
    expect(await state()).toEqual(before);
    return type.replace("/problems/", "");
  };

  test("a result that could be listed is signed, to be tampered with", async () => {
    someone = visitor(stage().url);
    issued = await challenge(someone);
    sealed = await sealEnvelope("result", aResult(issued), [alice.seed]);
    expect((await someone.register(bob)).status).toBe(201);
  });

  test("one flipped bit, wherever it is", async () => {
    const bytes = Buffer.from(JSON.stringify(sealed));
    const names = new Set<string>();
    const flips = 24;
    for (let i = 0; i < flips; i++) {
      const flipped = Buffer.from(bytes);
      const place = Math.floor((i * (bytes.length - 1)) / (flips - 1));
      flipped[place]! ^= 1 << (i % 7);
      names.add(await refused(flipped));
    }
    const allowed = ["bad-signature", "malformed-envelope", "malformed-json"];
    expect(allowed).toEqual(expect.arrayContaining([...names]));
    expect(names).toContain("bad-signature");
  });

  test("one changed count", async () => {
    const text = Buffer.from(sealed.payload, "base64").toString();
    expect(text).toContain('"testCorrect":4500');
    const changed = text.replace('"testCorrect":4500', '"testCorrect":4501');
    const payload = Buffer.from(changed).toString("base64");
    expect(await refused(JSON.stringify({ ...sealed, payload }))).toBe("bad-signature");
  });

  test("a replay under another key", async () => {
    const result = aResult(issued);
    const borrowed = await sealEnvelope("result", result, [bob.seed]);
    expect(await refused(JSON.stringify(borrowed))).toBe("bad-signature");
    const claimed = await sealEnvelope("result", { ...result, key: bob.key }, [bob.seed]);
    expect(await refused(JSON.stringify(claimed))).toBe("foreign-challenge");
  });

  test.each<[string, () => BodyInit, Record<string, string>, string]>([
    ["1 MB", () => Buffer.alloc(1_000_000, " "), {}, "too-large"],
    ["a gzip bomb", () => gzipSync(Buffer.alloc(64_000_000, " ")), GZIP, "expands-too-far"],
    ["100,000 arrays in each other", () => "[".repeat(100_000), {}, "too-deep"],
    ["a key that is there twice", () => '{"payload":"","payload":""}', {}, "duplicate-member"],
    ["what only says it is gzip", () => "{}", GZIP, "malformed-request"],
  ])("a body of %s", async (_, body, headers, name) => {
    expect(await refused(body(), headers)).toBe(name);
  });

  test("untouched, the same result is accepted after all that", async () => {
    expect((await someone.send("/v1/results", sealed)).status).toBe(201);
  });
}

const GZIP = { "content-encoding": "gzip" };
