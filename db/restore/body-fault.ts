/** @file Whether a leaf's bytes are what its digest says, and signed by whom they must be. */

import { utf8ToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import { canonicalDigest } from "../../record/canonical-json.ts";
import { ChallengeOutcome } from "../../record/documents/entry-document.ts";
import { Challenge, freshSeeds } from "../../record/statement/challenge.ts";
import { openEnvelope, readEnvelope } from "../../record/statement/envelope.ts";
import { readStrictJson } from "../../record/strict-json.ts";
import type { DumpLeaf } from "./dump-lines.ts";

const ChallengeBody = z.strictObject({ challenge: Challenge, envelope: z.unknown() });

/** Null for a body in order. */
export async function bodyFault({ kind, digest, body }: DumpLeaf): Promise<string | null> {
  if (kind === "challenge") return challengeFault(body, digest);
  if (kind === "outcome") return outcomeFault(body, digest);
  const opened = await readEnvelope(utf8ToBytes(body));
  if (!opened.ok) return `${opened.problems[0]!.pointer}: ${opened.problems[0]!.rule}`;
  if (opened.kind !== kind) return `a ${opened.kind}, not a ${kind}`;
  return opened.id === digest ? null : "the digest is that of other bytes";
}

async function challengeFault(body: string, digest: string): Promise<string | null> {
  const parsed = ChallengeBody.safeParse(strict(body));
  if (!parsed.success) return "no challenge";
  const { challenge, envelope } = parsed.data;
  const opened = await openEnvelope(envelope);
  if (!opened.ok) return `${opened.problems[0]!.pointer}: ${opened.problems[0]!.rule}`;
  if (opened.kind !== "commitment" || opened.id !== challenge.id)
    return "the challenge answers another commitment";
  const seeds = freshSeeds(challenge, challenge.seeds.length);
  if (seeds.join() !== challenge.seeds.join()) return "the seeds do not follow from the nonce";
  return canonicalDigest(challenge) === digest ? null : "the digest is that of another challenge";
}

function outcomeFault(body: string, digest: string): string | null {
  const parsed = ChallengeOutcome.safeParse(strict(body));
  if (!parsed.success) return "no outcome of a challenge";
  return canonicalDigest(parsed.data) === digest ? null : "the digest is that of another outcome";
}

function strict(body: string): unknown {
  const json = readStrictJson(utf8ToBytes(body));
  return json.ok ? json.value : undefined;
}
