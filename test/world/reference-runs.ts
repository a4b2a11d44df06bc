/** @file Reference runs for tests: counts that a test chooses, in cells of the replication plan. */

import { deriveProtocol } from "../../record/derived-protocol.ts";
import { protocolId } from "../../record/protocols.ts";
import type { ReferenceRun } from "../../record/replication/reference.ts";
import type { Run } from "../../record/run.ts";
import { aRun, micro } from "./runs.ts";

interface Place {
  network: string;
  regs: string;
  settings?: readonly string[];
  headInput?: "rms" | "raw";
  entry?: string;
}

/** Made once for each: heads and nulls of a run take longer than all that a test does with it. */
const bases = new Map<string, Run>();

function baseOf(arch: string, regs: string): Run {
  const base = bases.get(`${arch} ${regs}`) ?? aRun({ arch, regs });
  bases.set(`${arch} ${regs}`, base);
  return base;
}

/** One run for each of the changes, at seeds 1, 2, 3, ... */
export function cellOf(place: Place, changes: readonly ((run: Run) => Run)[]): ReferenceRun[] {
  const { network, regs, settings = [], headInput = "rms", entry = null } = place;
  const protocol = deriveProtocol(micro, settings);
  const [base, id] = [baseOf(network, regs), protocolId(protocol)];
  return changes.map((change, i) => {
    const run = change({ ...base, protocol: id, seed: i + 1 });
    return {
      network,
      base: "micro-1",
      settings,
      regs,
      headInput,
      seed: i + 1,
      run,
      protocol,
      entry,
    };
  });
}

/** Of 10,000 test images. */
export const withTest = (testCorrect: number) => (run: Run) => ({
  ...run,
  final: { ...run.final!, testCorrect },
});

/** Of 2,500 training images. */
export const withTrain = (trainCorrect: number) => (run: Run) => ({
  ...run,
  final: { ...run.final!, trainCorrect, trainCleanCorrect: trainCorrect },
});

/** Every head at the headline n, of every tap: of 2,500 random labels. */
export const withHeads = (correct: number) => (run: Run) => ({
  ...run,
  heads: run.heads!.map((head) => (head.n === micro.headline ? { ...head, final: correct } : head)),
});

export const diverged = (run: Run): Run => ({
  ...run,
  status: "diverged",
  ...{ final: null, heads: null, frozenHeads: null, controls: null, measures: null },
});

/** One change after the other. */
export const both =
  (...changes: ((run: Run) => Run)[]) =>
  (run: Run) =>
    changes.reduce((changed, change) => change(changed), run);
