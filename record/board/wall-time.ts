/** @file Times that do not fit each other, the work, or the declared hardware. */

import type { Protocol } from "../protocol.ts";
import type { Run } from "../run.ts";
import type { Result } from "../statement/result.ts";
import type { Note } from "./note.ts";

/** The harness divides the samples seen by the seconds; a harness that rounds to three digits still passes. */
const RATE_TOLERANCE = 0.01;

/**
 * Multiplications and additions that training needs at least for each weight and image: one of each forward, one
 * of each for the weight's gradient. Convolutions use a weight many times, so they are far above it.
 */
const OPERATIONS = 4;

/**
 * More than any machine does in a second, so that only invented times are noted: per logical processor two
 * 512-bit fused units at 6 GHz make 384 thousand million; per accelerator ten times what the fastest of 2025
 * does densely in 16 bits.
 */
const CPU_OPERATIONS = 2 * 16 * 2 * 6e9;
const GPU_OPERATIONS = 2.5e16;

const DAY = 86_400;

/** At most one note, which names the first run that each oddity is found in. */
export function wallTimeNotes(result: Result, protocol: Protocol): Note[] {
  const runs = [
    ...result.panel.map((run, i) => ({ run, name: `panel run ${i + 1}` })),
    ...result.fresh.map((run, i) => ({ run, name: `fresh run ${i + 1}` })),
  ];
  const rules: ((run: Run) => string | null)[] = [
    rateOddity,
    (run) => speedOddity(run, result),
    idleOddity,
  ];
  const odd = rules.flatMap((rule) => {
    const found = runs.map(({ run, name }) => ({ name, text: rule(run) }));
    const first = found.find(({ text }) => text !== null);
    return first ? [`${first.name} ${first.text}`] : [];
  });
  const all = [...odd, ...lengthOddities(result, protocol), ...gpuOddities(result)];
  if (all.length === 0) return [];
  return [{ kind: "wall-time", text: `Times and hardware: ${all.join("; ")}.`, entry: null }];
}

function seenIn({ epochs }: Run): number {
  return epochs.reduce((sum, { seen }) => sum + seen, 0);
}

function rateOddity(run: Run): string | null {
  const { trainSeconds, imagesPerSecond } = run.timing;
  const seen = seenIn(run);
  const counted = trainSeconds * imagesPerSecond;
  if (Math.abs(counted - seen) <= RATE_TOLERANCE * seen) return null;
  return `saw ${seen} images, not the ${Math.round(counted)} that its rate and seconds make`;
}

/** Four operations per weight and image: the whole machine could not have been faster. */
function speedOddity(run: Run, { engine, machine }: Result): string | null {
  const fastest =
    engine.device === "cpu"
      ? machine.cores * CPU_OPERATIONS
      : Math.max(1, machine.gpus.length) * GPU_OPERATIONS;
  const least = (OPERATIONS * run.params * seenIn(run)) / fastest;
  if (run.timing.trainSeconds >= least) return null;
  return `trained in ${run.timing.trainSeconds} s what the declared hardware needs ${least.toPrecision(2)} s for`;
}

/** A completed run was evaluated and had its controls measured, which takes time. */
function idleOddity({ status, timing }: Run): string | null {
  const { trainSeconds, evaluateSeconds, controlSeconds } = timing;
  const isIdle = Math.min(trainSeconds, evaluateSeconds, controlSeconds) === 0;
  return status === "completed" && isIdle ? "took no time for a part of its work" : null;
}

/** Fresh seeds are known only from the challenge on, which gives all of them the protocol's days. */
function lengthOddities({ fresh }: Result, { challengeDays }: Protocol): string[] {
  const longest = Math.max(
    0,
    ...fresh.map(({ timing }) => {
      return timing.trainSeconds + timing.evaluateSeconds + timing.controlSeconds;
    }),
  );
  if (longest <= challengeDays * DAY) return [];
  return [`a fresh run took longer than the ${challengeDays} days since its seed could be known`];
}

function gpuOddities({ engine, machine }: Result): string[] {
  return engine.device === "cuda" && machine.gpus.length === 0 ? ["cuda without a GPU"] : [];
}
