/** @file Keys, and statements of theirs that stand; each test changes only the field it is about. */

import { bytesToHex } from "@noble/hashes/utils.js";
import { NO_CUSTOM_CODE } from "../../record/custom-code.ts";
import { protocolId } from "../../record/protocols.ts";
import { publicKeyOf } from "../../record/signature/ed25519.ts";
import type { Run } from "../../record/run.ts";
import { type IssuedChallenge, freshSeeds } from "../../record/statement/challenge.ts";
import {
  type Commitment,
  type Reproduction,
  type Result,
  statementBytes,
  statementId,
} from "../../record/statement/statements.ts";
import { type Levels, aWholeRun, levelled, micro } from "./runs.ts";

/** Any 32 bytes in hexadecimal, different ones for different numbers. */
export const hex = (n: number) => n.toString(16).padStart(64, "0");

export interface KeyHolder {
  seed: Uint8Array;
  key: string;
}

/** Signs with 32 bytes of this value; each test has others beside Alice and Bob. */
export async function keyHolder(byte: number): Promise<KeyHolder> {
  const seed = new Uint8Array(32).fill(byte);
  return { seed, key: bytesToHex(await publicKeyOf(seed)) };
}
export const [alice, bob, carol] = [await keyHolder(1), await keyHolder(2), await keyHolder(3)];

export function aCommitment(changes: Partial<Commitment> = {}): Commitment {
  return {
    key: alice.key,
    protocol: protocolId(micro),
    arch: "mlp-512",
    regs: "none",
    ...NO_CUSTOM_CODE,
    harness: "0.2.0",
    reproduces: null,
    unique: "7".repeat(64),
    ...changes,
  };
}

export function aChallenge(changes: Partial<Commitment> = {}): IssuedChallenge {
  const commitment = aCommitment(changes);
  const id = statementId(statementBytes("commitment", commitment));
  return { id, nonce: "ab".repeat(32), commitment };
}

/** @param challenge null: a result without fresh runs. */
export function aResult(challenge: IssuedChallenge | null = aChallenge()): Result {
  const { key, protocol, arch, regs } = challenge?.commitment ?? aCommitment();
  const seeds = challenge === null ? [] : freshSeeds(challenge, micro.freshSeeds);
  return {
    key,
    protocol,
    arch,
    regs,
    source: null,
    regSource: null,
    challenge: challenge?.id ?? null,
    panel: micro.panelSeeds.map((seed) => aWholeRun({ seed, arch, regs })),
    fresh: seeds.map((seed) => aWholeRun({ seed, arch, regs })),
    engine: {
      library: "tensorflow 2.21.0",
      device: "cpu",
      deterministic: true,
      precision: "float32",
    },
    machine: {
      os: "linux-x64 6.18",
      cpu: "A processor",
      cores: 2,
      threads: 1,
      memoryBytes: 2 ** 34,
      gpus: [],
    },
    harness: { version: "0.2.0", git: { commit: "c".repeat(40), dirty: false } },
    supersedes: null,
  };
}

export function idOf(result: Result): string {
  return statementId(statementBytes("result", result));
}

/** Bob's, of Alice's result, with the challenge it answers. */
export function aReproduction(result: Result = aResult()): {
  reproduction: Reproduction;
  challenge: IssuedChallenge;
} {
  const { arch, regs } = result;
  const challenge = aChallenge({ key: bob.key, reproduces: idOf(result), arch, regs });
  const { supersedes: _, ...measured } = aResult(challenge);
  return { reproduction: { ...measured, entry: idOf(result), verdict: "agree" }, challenge };
}

/** With levels that a test chooses. */
export function aLevelledResult(challenge: IssuedChallenge | null, levels: Levels): Result {
  const result = aResult(challenge);
  const level = (run: Run) => levelled(run, levels);
  return { ...result, panel: result.panel.map(level), fresh: result.fresh.map(level) };
}
