/** @file The lines of a learning-curve chart: what is drawn, in which colour and dash. */

import type { Interval } from "../../record/interval.ts";
import type { LineEnd } from "./end-labels.ts";
import type { RunCounts } from "./epoch-means.ts";

export interface LabelCurve {
  /** Such as `n = 100`. */
  name: string;
  /** `headline`: what the complexity is made of. `suppressed`: the draw that `rl=` acts on. */
  kind: "headline" | "suppressed" | "probe";
  /** Online RL-acc rescaled so that 0 is chance and 1 everything; one entry an epoch. */
  epochs: readonly Interval[];
}

export interface LearningCurvesRow extends RunCounts {
  arch: string;
  regs: string;
  /** Epochs that the protocol asks for. */
  length: number;
  /** Online class accuracy on training batches, one entry an epoch. */
  train: readonly Interval[];
  /** After the last epoch. */
  test: Interval | null;
  labels: readonly LabelCurve[];
}

export interface Line extends LineEnd {
  epochs: readonly Interval[];
  dash: string | null;
  width: number;
  /** Is its interval shown? */
  banded: boolean;
}

export const CLASS_COLOR = "var(--ink)";
const LABEL_COLOR = "var(--accent)";
export const SUPPRESSED_COLOR = "var(--family-random-label)";
export const DASHES = ["2 3", "7 3", "9 3 2 3", "4 2", "1 2"] as const;

/** The class task first, then the random labels as given. */
export function linesOf({ train, labels }: LearningCurvesRow): Line[] {
  const dashes = DASHES.values();
  return [
    lineOf("train", train, { color: CLASS_COLOR, dash: null, width: 2 }),
    ...labels.map(({ name, kind, epochs }) => {
      if (kind === "headline")
        return lineOf(name, epochs, { color: LABEL_COLOR, dash: null, width: 2.5 });
      if (kind === "suppressed")
        return lineOf(name, epochs, { color: SUPPRESSED_COLOR, dash: null, width: 1.5 });
      const dash = dashes.next().value ?? null;
      return lineOf(name, epochs, { color: LABEL_COLOR, dash, width: 1.5 });
    }),
  ];
}

function lineOf(
  label: string,
  epochs: readonly Interval[],
  style: Pick<Line, "color" | "dash" | "width">,
): Line {
  const banded = style.dash === null && epochs.some(({ low }) => low !== null);
  return { label, epochs, y: epochs.at(-1)?.mean ?? 0, banded, ...style };
}
