/** @file What is odd about a result by itself: nothing is refused for it, the row says so (trust.md section 4). */

import { expandRecipe } from "../configuration.ts";
import type { Protocol } from "../protocol.ts";
import { runMetrics } from "../metrics.ts";
import { parseRegularizers } from "../regularizers.ts";
import type { Run } from "../run.ts";
import type { Result } from "../statement/result.ts";
import { sampleOf, welchTest } from "../welch.ts";
import type { Note } from "./note.ts";
import { repeatedFractions } from "./repeated-fractions.ts";
import { wallTimeNotes } from "./wall-time.ts";

/** In the order of `NOTE_KINDS`; empty for a result with nothing odd about it. */
export function resultNotes(result: Result, protocol: Protocol): Note[] {
  return [
    ...panelMinusFresh(result, protocol),
    ...repeatedFractions([...result.panel, ...result.fresh]),
    ...wallTimeNotes(result, protocol),
    ...dirtyCheckout(result),
  ];
}

function dirtyCheckout({ harness: { git } }: Result): Note[] {
  if (git === null || !git.dirty) return [];
  const text = `The harness ran from a checkout of commit ${git.commit.slice(0, 12)} with changed files.`;
  return [{ kind: "dirty-checkout", text, entry: null }];
}

const COMPARED = { complexity: "complexity", testAccuracy: "test accuracy" } as const;

/**
 * Somebody who tunes on the public seeds does better there than on seeds they could not know.
 *
 * Noted where Welch's 95 % interval of the difference leaves out zero, as trust.md section 3 says. So one honest
 * entry in twenty is noted for each quantity; the text says so, for a note is no accusation.
 */
function panelMinusFresh({ panel, fresh }: Result, protocol: Protocol): Note[] {
  return (["complexity", "testAccuracy"] as const).flatMap((name) => {
    const [onPanel, onFresh] = [panel, fresh].map((runs) => present(runs, name, protocol));
    const isComparable = onPanel!.length > 0 && onFresh!.length > 0;
    const test = isComparable ? welchTest(sampleOf(onPanel!), sampleOf(onFresh!)) : null;
    if (test === null || (test.low <= 0 && test.high >= 0)) return [];
    const [difference, low, high] = [test.difference, test.low, test.high].map(points);
    const text =
      `Panel minus fresh: the ${COMPARED[name]} differs by ${difference} points ` +
      `(95 % interval ${low} to ${high}). By chance alone one entry in twenty shows as much.`;
    return [{ kind: "panel-minus-fresh", text, entry: null }];
  });
}

/** Of the runs that completed. */
function present(runs: readonly Run[], name: keyof typeof COMPARED, protocol: Protocol): number[] {
  return runs
    .map((run) => runMetrics(run, protocol)[name])
    .filter((value): value is number => value !== null);
}

function points(share: number): string {
  return (100 * share).toFixed(2);
}

/** Two strengths this near train alike but for rounding: nobody searches a grid as fine. */
const NEARLY = 0.01;

/**
 * The same architecture and the same set of regularizers, every strength within 1 % of the other's, and not the
 * same configuration: `wd=0.0050001` beside `wd=0.005`, which has a ledger of challenges of its own.
 *
 * @param protocol says what `recipe` stands for; without it, `recipe` is near `recipe` alone.
 */
export function isNearDuplicate(
  a: { arch: string; regs: string },
  b: { arch: string; regs: string },
  protocol: Protocol | null = null,
): boolean {
  if (a.arch !== b.arch || a.regs === b.regs) return false;
  const [first, second] = [strengths(a.regs, protocol), strengths(b.regs, protocol)];
  return Object.entries(first).every(([name, value]) => isNear(value, second[name]));
}

type Strength = number | string | boolean | null;

/** Every member of `Regularizers` by name, those of `rl=` beside the others. */
function strengths(regs: string, protocol: Protocol | null): Record<string, Strength> {
  const parsed = parseRegularizers(regs);
  const { randomLabel, ...rest } = protocol === null ? parsed : expandRecipe(parsed, protocol);
  return { ...rest, ...randomLabel };
}

/** Only numbers that are there can be near without being equal, as 0 is absence. */
function isNear(a: Strength, b: Strength | undefined): boolean {
  if (typeof a !== "number" || typeof b !== "number") return a === b;
  return Math.abs(a - b) <= NEARLY * Math.max(a, b);
}
