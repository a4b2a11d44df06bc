/** @file What version 0.1 wrote, made from what is written now. */

import { utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalDigest, canonicalJson } from "../../record/canonical-json.ts";
import type { Run } from "../../record/run.ts";
import { type Envelope, sealBytes } from "../../record/statement/envelope.ts";
import { micro } from "./runs.ts";
import { aCommitment, aResult, alice } from "./statements.ts";

/** micro-1 as it was. */
export function formerProtocol(): object {
  const { frozenHeads: _, evaluateEvery: __, measures, ...kept } = micro;
  const { penalty, largestN } = measures.refit;
  return {
    ...kept,
    minimumHarness: "0.1.0",
    tolerance: { complexity: 0.05, testAccuracy: 0.03 },
    measures: { ...measures, refit: { penalty, largestN } },
  };
}

export const FORMER_ID = canonicalDigest(formerProtocol());

export function formerRun({ frozenHeads: _, controls, epochs, ...kept }: Run): object {
  const correct = (refits: { tap: number; n: number; redraws: number[] }[]) =>
    refits.map(({ tap, n, redraws }) => ({ tap, n, correct: redraws[0] }));
  return {
    ...kept,
    protocol: FORMER_ID,
    epochs: epochs.map(({ frozenOnline: _, evaluated: __, ...epoch }) => epoch),
    controls: controls && {
      ...controls,
      refit: correct(controls.refit),
      frozen: correct(controls.frozen),
      null: controls.null.map(({ tap, n }) => {
        return { tap, n, h: 0.2052, accuracy: 0.505, ridgeH: 0.0804, ridgeAccuracy: 0.3 };
      }),
    },
  };
}

/** Alice's, of the panel alone. */
export function formerResult(): object {
  const result = aResult(null);
  return { ...result, protocol: FORMER_ID, panel: result.panel.map(formerRun) };
}

export function formerEnvelope(statement = formerResult()): Promise<Envelope> {
  return sealBytes("result", utf8ToBytes(canonicalJson(statement)), [alice.seed]);
}

export function formerCommitment() {
  return aCommitment({ protocol: FORMER_ID });
}
