/** @file Counts that chance alone decides: labels that no head ever met, and each label at its first meeting. */

import { binomialLimits } from "../../record/t-interval.ts";
import type { Run } from "../../record/run.ts";

/** Says what is wrong; empty when every count is within the limits that chance leaves (p >= 1e-9). */
export function chanceProblems({ seed, heads, epochs, trainSamples }: Run): string[] {
  const first = epochs[0];
  return (heads ?? []).flatMap(({ tap, n, draw, unseen }, i) => {
    const place = `seed ${seed}, tap ${tap}, n = ${n}, draw ${draw}`;
    return [
      ...outside(unseen, trainSamples, n, `${place}: labels never seen`),
      ...(first ? outside(first.online[i]!, first.seen, n, `${place}: first epoch`) : []),
    ];
  });
}

function outside(count: number, samples: number, n: number, what: string): string[] {
  const { low, high } = chanceLimits(samples, n);
  if (count >= low && count <= high) return [];
  return [
    `${what} predicted ${count} times of ${samples}; chance allows ${low} to ${high}. A label has leaked, or counts were edited.`,
  ];
}

const known = new Map<string, { low: number; high: number }>();

/** Kept, because a sweep asks for the same few again and again. */
export function chanceLimits(samples: number, n: number): { low: number; high: number } {
  const key = `${samples}/${n}`;
  const limits = known.get(key) ?? binomialLimits(samples, 1 / n);
  known.set(key, limits);
  return limits;
}
