/** @file What chance alone decides: counts outside its limits were not counted. */

import { binomialLimits } from "../binomial.ts";
import { problemAt, type Path, type Problem } from "../problem.ts";
import type { Run } from "../run.ts";

/** Its keys come from protocols, so they are few. */
const limits = new Map<string, ReturnType<typeof binomialLimits>>();

/** Where a count of hits among `samples` labels of `n` falls but for p < 1e-9 on either side. */
function chanceLimits(samples: number, n: number): ReturnType<typeof binomialLimits> {
  const key = `${samples}/${n}`;
  let found = limits.get(key);
  if (!found) limits.set(key, (found = binomialLimits(samples, 1 / n)));
  return found;
}

interface ChanceCount {
  path: Path;
  count: number;
  samples: number;
  n: number;
}

/**
 * Unseen labels are Binomial(m, 1/n); the first epoch's online counts are too, as each label is then met for
 * the first time.
 *
 * @param spaces n of every head, in the order of counts.
 */
export function chanceProblems(run: Run, spaces: readonly number[]): Problem[] {
  const { heads, epochs, trainSamples } = run;
  const [first] = epochs;
  const counts: ChanceCount[] = [
    ...(heads ?? []).map(({ unseen, n }, i) => ({
      path: ["heads", i, "unseen"],
      count: unseen,
      samples: trainSamples,
      n,
    })),
    ...(first?.online ?? []).map((count, i) => ({
      path: ["epochs", 0, "online", i],
      count,
      samples: first!.seen,
      n: spaces[i]!,
    })),
  ];
  return counts.flatMap(({ path, count, samples, n }) => {
    const { low, high } = chanceLimits(samples, n);
    if (count >= low && count <= high) return [];
    return [problemAt(run, path, `${low} to ${high}, as labels not met before are guessed`)];
  });
}
