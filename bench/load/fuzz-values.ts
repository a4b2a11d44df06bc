/** @file What exists on a server under fuzz, so that random requests get past "not found" and "bad signature". */

import { PROBLEMS } from "../../record/answers/problem-document.ts";
import type { BoardPage } from "../../record/board/board-row.ts";
import { protocolId } from "../../record/protocols.ts";
import { type Envelope, sealEnvelope } from "../../record/statement/envelope.ts";
import { micro } from "../../test/world/runs.ts";
import type { FuzzServer } from "./fuzz-server.ts";
import { readJson } from "./reads.ts";
import {
  type Holder,
  commitmentOf,
  committed,
  loadHolders,
  measured,
  registration,
} from "./submissions.ts";
import { ChallengeDocument } from "../../record/answers/documents.ts";
import { decodeBase64 } from "../../record/signature/base64.ts";
import type { Commitment, Result } from "../../record/statement/statements.ts";
import { reproductionVerdict } from "../../record/statement/result-problems.ts";
import { syntheticResult } from "./synthetic.ts";

interface FuzzValues {
  /** Values by path as OpenAPI writes it, and by parameter. */
  parameters: Record<string, Record<string, string[]>>;
  /** Bodies by path: some accepted before, some new, some to be refused for what they say. */
  bodies: Record<string, unknown[]>;
}

export async function fuzzValues(server: FuzzServer): Promise<FuzzValues> {
  return { parameters: await parameterValues(server), bodies: await bodyValues(server) };
}

async function parameterValues({ url, entries, challenges, keys }: FuzzServer) {
  const protocol = ["micro-1", protocolId(micro)];
  const { next, rows } = await readJson<BoardPage>(`${url}/v1/boards/micro-1?limit=2`);
  const { schemas } = await readJson<{ schemas: string[] }>(`${url}/v1/schemas`);
  const configuration = { arch: [rows[0]!.arch], regs: [rows[0]!.regs] };
  const [first, second] = entries as [string, string];
  const states = ["challenged,self-reported", "retracted,quarantined,superseded"];
  return {
    "/v1/boards/{protocol}": {
      protocol,
      ...configuration,
      key: keys,
      after: [next!],
      state: states,
    },
    "/v1/boards/{protocol}/sentences": { protocol },
    "/v1/measures/{protocol}": { protocol },
    "/v1/entries/{id}": { id: entries },
    "/v1/entries/{id}/envelope": { id: entries },
    "/v1/entries/{id}/runs": { id: entries },
    "/v1/entries/{id}/series": { id: entries },
    "/v1/entries/{id}/proof": { id: entries },
    "/v1/compare": { entries: [`${first},${second}`, entries.slice(0, 5).join(",")] },
    "/v1/badge/{id}.svg": { id: entries },
    "/v1/challenges": { protocol, ...configuration, key: keys },
    "/v1/challenges/{id}": { id: challenges },
    "/v1/keys/{key}": { key: keys },
    "/v1/protocols/{protocol}": { protocol },
    "/v1/log/tile/{place}": { place: ["0/000.p/5", "entries/000.p/7"] },
    "/v1/log/entries": { kind: ["moderation,retraction", "result"], before: ["9"] },
    "/v1/log/statements/{id}": { id: [first, challenges[0]!] },
    "/v1/ids/{prefix}": { prefix: [first.slice(0, 8), first] },
    "/v1/receipts/{id}": { id: [first, challenges[0]!] },
    "/v1/export/{protocol}.csv": { protocol },
    "/v1/export/{protocol}.jsonl.gz": { protocol },
    "/v1/schemas/{name}": { name: schemas },
    "/problems/{name}": { name: Object.keys(PROBLEMS) },
  };
}

async function bodyValues({ url, entries, at }: FuzzServer): Promise<FuzzValues["bodies"]> {
  const [operator, other, , stranger] = (await loadHolders(4)) as [Holder, Holder, Holder, Holder];
  const { seed, key } = operator;
  const retraction = { key, statement: entries[0]!, reason: "A fuzzed retraction." };
  const moderation = {
    key,
    action: "note" as const,
    subject: entries[1]!,
    reason: "A fuzzed note.",
    at,
  };
  const known = await measured(operator, 0, null);
  const reproduction = await reproductionOf(url, entries[2]!, { holder: other, i: 9_004 });
  return {
    "/v1/keys": [await registration(operator, at), await registration(stranger, at)],
    "/v1/challenges": [await committed(operator, 9_000), await committed(stranger, 9_001)],
    "/v1/results": [known, await measured(operator, 9_003, null), tampered(known)],
    "/v1/reproductions": [reproduction, tampered(reproduction), known],
    "/v1/retractions": [await sealEnvelope("retraction", retraction, [seed])],
    "/v1/moderations": [await sealEnvelope("moderation", moderation, [seed])],
  };
}

/** The envelope with one character of its payload changed. */
function tampered(envelope: Envelope): Envelope {
  const { payload } = envelope;
  const other = payload[40] === "A" ? "B" : "A";
  return { ...envelope, payload: payload.slice(0, 40) + other + payload.slice(41) };
}

/**
 * A reproduction that the server would accept; asks it for the challenge.
 *
 * @param i number of the commitment and of the made-up runs.
 */
async function reproductionOf(
  url: string,
  entry: string,
  { holder, i }: { holder: Holder; i: number },
): Promise<Envelope> {
  const { payload } = await readJson<Envelope>(`${url}/v1/entries/${entry}/envelope`);
  const result = JSON.parse(new TextDecoder().decode(decodeBase64(payload)!)) as Result;
  const { arch, regs } = result;
  const commitment = { ...commitmentOf(holder, i), arch, regs, reproduces: entry };
  const { challenge } = await challengeFor(url, commitment, holder);
  const issued = { id: challenge.id, nonce: challenge.nonce, commitment };
  const { supersedes: _, ...measured } = syntheticResult(i, issued);
  const verdict = reproductionVerdict(result, measured, micro);
  return sealEnvelope("reproduction", { ...measured, entry, verdict }, [holder.seed]);
}

async function challengeFor(
  url: string,
  commitment: Commitment,
  { seed }: Holder,
): Promise<ChallengeDocument> {
  const body = JSON.stringify(await sealEnvelope("commitment", commitment, [seed]));
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/v1/challenges`, { method: "POST", body, headers });
  return ChallengeDocument.parse(await answer.json());
}
