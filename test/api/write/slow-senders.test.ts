import { utf8ToBytes } from "@noble/hashes/utils.js";
import { afterEach, expect, test } from "vitest";
import { LIMITS } from "../../../api/deployment.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { aCommitment, alice, hex } from "../../world/statements.ts";
import { openPeopledLaboratory, type Laboratory } from "../../world/laboratory.ts";
import { problemOf } from "../../world/visitor.ts";

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
    JSON.stringify(await sealEnvelope("commitment", aCommitment({ unique: hex(n) }), [alice.seed])),
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
