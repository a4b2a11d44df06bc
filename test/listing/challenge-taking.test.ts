import { NO_CUSTOM_CODE } from "../../record/custom-code.ts";
import { gunzipSync } from "node:zlib";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Unreachable, createClient } from "../../harness/listing/client.ts";
import { intentOf, takeChallenge } from "../../harness/listing/challenge-taking.ts";
import { hasState, readState } from "../../harness/listing/folder-state.ts";
import type { ChallengeDocument } from "../../record/answers/documents.ts";
import { protocolId } from "../../record/protocols.ts";
import { freshSeeds } from "../../record/statement/challenge.ts";
import { openEnvelope } from "../../record/statement/envelope.ts";
import { alice, bob } from "../world/statements.ts";
import { micro } from "../world/runs.ts";
import { aPreparedFolder, aFolder } from "../world/run-folders.ts";

const patience = { tries: 2, firstMilliseconds: 0, mostMilliseconds: 0, timeoutMilliseconds: 1000 };
const sleep = () => Promise.resolve();

/** A server in the test's hands: every request's body, and whatever answer the test makes of it. */
function aClient(answer: (envelope: unknown) => Promise<Response>) {
  const bodies: string[] = [];
  const fetch = (_url: string, { body, method }: RequestInit) => {
    if (method !== "POST") return Promise.reject(new Error("offline"));
    const json =
      typeof body === "string" ? body : gunzipSync(body as unknown as Uint8Array).toString();
    bodies.push(json);
    return answer(JSON.parse(json));
  };
  const network = { fetch, sleep, random: () => 0 };
  return { bodies, client: createClient({ api: "http://server.test", network, patience }) };
}

const signerOf = ({ key, seed }: typeof alice) => ({
  publicKey: key,
  unlock: () => Promise.resolve({ name: "default", publicKey: key, seed }),
});

const plannedRuns = {
  protocolId: protocolId(micro),
  arch: "mlp-512",
  regs: "none",
  ...NO_CUSTOM_CODE,
};
const intent = intentOf(plannedRuns, { key: alice.key, harness: "0.2.0", reproduces: null });
const day = Date.parse("2026-11-24T00:00:00Z");
const challenger = { signer: signerOf(alice), now: () => day };

/** What an honest server says. */
async function honest(envelope: unknown): Promise<ChallengeDocument> {
  const opened = await openEnvelope(envelope);
  if (!opened.ok || opened.kind !== "commitment") throw new Error("no commitment");
  const { id, statement } = opened;
  const nonce = "ab".repeat(32);
  return {
    challenge: {
      id,
      nonce,
      seeds: freshSeeds({ id, nonce }, micro.freshSeeds),
      issuedAt: new Date(day).toISOString(),
      expiresAt: new Date(day + 86_400_000).toISOString(),
    },
    commitment: statement,
    envelope: opened.envelope,
    outcome: null,
    receipt: { id, index: 1, checkpoint: "a note" },
  };
}
const answering = (change: (document: ChallengeDocument) => void) =>
  aClient(async (envelope) => {
    const document = await honest(envelope);
    change(document);
    return Response.json(document);
  });

test("the commitment is on disk before it is sent, and a retry sends the same bytes", async () => {
  const folder = join(aFolder(), "a");
  const offline = aClient(() => {
    expect(hasState(folder, "commitment")).toBe(true);
    return Promise.reject(new Error("the cable is out"));
  });
  const lost = takeChallenge(folder, micro, intent, { ...challenger, client: offline.client });
  await expect(lost).rejects.toThrow(Unreachable);
  expect(hasState(folder, "challenge")).toBe(false);
  const { bodies, client } = answering(() => undefined);
  const taken = await takeChallenge(folder, micro, intent, { ...challenger, client });
  expect(bodies).toEqual([offline.bodies[0]]);
  expect(readState(folder, "challenge")).toEqual(taken);
});

test("a challenge that is there is not taken again, with or without a network", async () => {
  const folder = join(aFolder(), "a");
  const { client } = answering(() => undefined);
  const taken = await takeChallenge(folder, micro, intent, { ...challenger, client });
  const offline = aClient(() => Promise.reject(new Error("the cable is out")));
  const again = await takeChallenge(folder, micro, intent, {
    ...challenger,
    client: offline.client,
  });
  expect(again).toEqual(taken);
  expect(offline.bodies).toEqual([]);
});

test.each<[string, (document: ChallengeDocument) => void]>([
  ["seeds that its nonce does not give", ({ challenge }) => void (challenge.seeds[0] = 1)],
  ["fewer seeds", ({ challenge }) => void challenge.seeds.pop()],
  ["another's challenge", ({ challenge }) => void (challenge.id = "0".repeat(64))],
  ["another commitment", ({ commitment }) => void (commitment.arch = "cnn-8")],
])("a server that answers with %s is not trained for", async (_, change) => {
  const folder = join(aFolder(), "a");
  const { client } = answering(change);
  const taken = takeChallenge(folder, micro, intent, { ...challenger, client });
  await expect(taken).rejects.toThrow("does not belong to the commitment");
  expect(hasState(folder, "challenge")).toBe(false);
});

test("a folder's commitment is for one thing; another is named and refused", async () => {
  const folder = join(aFolder(), "a");
  const { client } = answering(() => undefined);
  await takeChallenge(folder, micro, intent, { ...challenger, client });
  const other = { ...intent, arch: "cnn-8", key: bob.key };
  const refused = takeChallenge(folder, micro, other, {
    ...challenger,
    client,
    signer: signerOf(bob),
  });
  await expect(refused).rejects.toThrow(/something else:[^]*arch: there mlp-512, now cnn-8/);
});

test("a folder begun without a challenge gets none", async () => {
  const { path } = aPreparedFolder(join(aFolder(), "a"));
  const { client, bodies } = answering(() => undefined);
  const taken = takeChallenge(path, micro, intent, { ...challenger, client });
  await expect(taken).rejects.toThrow("was begun without a challenge");
  expect(bodies).toEqual([]);
});

test("an expired challenge is told of without a network", async () => {
  const folder = join(aFolder(), "a");
  const { client } = answering(() => undefined);
  await takeChallenge(folder, micro, intent, { ...challenger, client });
  const late = { ...challenger, client, now: () => day + 86_400_000 };
  await expect(takeChallenge(folder, micro, intent, late)).rejects.toThrow(
    /expired at 2026-11-25T00:00:00.000Z/,
  );
});
