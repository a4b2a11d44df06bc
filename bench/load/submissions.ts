/** @file Envelopes for load: keys, commitments and results made up from a number, the same each time. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { KeyRequest } from "../../record/answers/documents.ts";
import { publicKeyOf } from "../../record/signature/ed25519.ts";
import type { IssuedChallenge } from "../../record/statement/challenge.ts";
import type { Commitment } from "../../record/statement/statements.ts";
import { type Envelope, sealEnvelope } from "../../record/statement/envelope.ts";
import { aChallenge, aCommitment } from "../../test/world/statements.ts";
import { syntheticConfiguration, syntheticResult } from "./synthetic.ts";

export interface Holder {
  seed: Uint8Array;
  key: string;
}

const digestOf = (text: string) => sha256(utf8ToBytes(text));

export function loadHolders(count: number): Promise<Holder[]> {
  const seeds = Array.from({ length: count }, (_, i) => digestOf(`load key ${i}`));
  return Promise.all(
    seeds.map(async (seed) => ({ seed, key: bytesToHex(await publicKeyOf(seed)) })),
  );
}

/** Body of POST /v1/keys. @param at ISO 8601. */
export async function registration({ seed, key }: Holder, at: string): Promise<KeyRequest> {
  return {
    envelope: await sealEnvelope("key", { action: "register", key, at }, [seed]),
    name: null,
  };
}

export function commitmentOf({ key }: Holder, i: number): Commitment {
  const unique = bytesToHex(digestOf(`load commitment ${i}`));
  return aCommitment({ key, unique, ...syntheticConfiguration(i) });
}

export function committed(holder: Holder, i: number): Promise<Envelope> {
  return sealEnvelope("commitment", commitmentOf(holder, i), [holder.seed]);
}

/** @param challenge null: a result that runs the panel alone. */
export function measured(
  holder: Holder,
  i: number,
  challenge: IssuedChallenge | null,
): Promise<Envelope> {
  const result = syntheticResult(i, challenge ?? aChallenge(commitmentOf(holder, i)));
  const whole = challenge === null ? { ...result, challenge: null, fresh: [] } : result;
  return sealEnvelope("result", whole, [holder.seed]);
}
