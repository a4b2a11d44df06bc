/** @file The toy on the first page: lambda as a slider, what is trained in the reader's browser, and what came of it. */

import type { VNode } from "preact";
import { percent } from "../../charts/numbers.ts";
import { type EpochShares, trainingLines } from "../../charts/training-lines.ts";
import type { ToyEpoch } from "../../data/toy/toy-training.ts";
import { type Child, h } from "../../markup/element.ts";
import { table } from "../../markup/table.ts";

/** What the slider's places stand for. */
export const LAMBDAS: readonly number[] = [0, 1, 3, 10, 30, 100];

/** As in `toy-training.ts`, which comes with the worker alone. */
export const EPOCHS = 60;

/** A training that ended, by its lambda. */
export type ToyRuns = ReadonlyMap<number, readonly ToyEpoch[]>;

export function toy(): VNode {
  return h(
    "section",
    { class: "toy", "aria-labelledby": "toy" },
    h("h2", { id: "toy" }, "Train one in this page"),
    h(
      "div",
      { class: "words" },
      h(
        "p",
        {},
        "A small network learns 500 images here, in your browser, and two heads learn random labels of them, out of ten. ",
        "With λ above 0 the network is pushed to hide the first head’s labels. What is drawn is the second head, which only watches: ",
        "the learned complexity, as on the boards. ",
        h("strong", {}, "Does the gap follow?"),
      ),
      h(
        "div",
        { class: "epochs" },
        h("label", { for: "toy-lambda" }, "λ"),
        h("input", {
          ...{ type: "range", id: "toy-lambda", min: 0, max: LAMBDAS.length - 1, value: 0 },
          ...{ step: 1, "aria-valuetext": "0" },
        }),
        h("span", { class: "value", "aria-hidden": "true" }, "0"),
        h("button", { class: "button primary", type: "button", "data-train": "" }, "Train"),
      ),
      h("p", { class: "faint small" }, FACTS),
    ),
    h("div", { "data-curves": "" }, toyCurves([], null)),
    h("div", { class: "words", "data-runs": "" }, toyRuns(new Map())),
    h("p", { class: "visually-hidden", role: "status", "data-told": "" }),
  );
}

const FACTS =
  "Images: Fashion-MNIST (© 2017 Zalando SE, MIT License), 14 × 14 pixels, the first 50 of each class, and 500 to test on; 66 kB with " +
  "the program, fetched when you train. Two hidden layers of 64, 60 epochs, the losses, the optimizer and the rate of micro-1: a test " +
  "holds every gradient to the harness’s to 1e-5. It is one seed: a difference of a few points means nothing here, and the boards’ numbers have intervals.";

/** @param before a training to compare with. */
export function toyCurves(shares: readonly EpochShares[], before: readonly EpochShares[] | null) {
  return trainingLines({ shares, before: before ?? [], epochs: EPOCHS });
}

/** What ended trainings came to, by lambda; a fault in place of one that failed. */
export function toyRuns(runs: ToyRuns, fault: string | null = null): VNode {
  const failed = fault === null ? null : h("p", { class: "fault" }, fault);
  const rows = LAMBDAS.flatMap((lambda) => {
    const last = runs.get(lambda)?.at(-1);
    return last === undefined ? [] : [rowOf(lambda, last)];
  });
  if (rows.length === 0) return h("div", {}, failed ?? h("p", { class: "faint" }, NOTHING_YET));
  return h("div", {}, failed, table("Trained here, at the last epoch", COLUMNS, rows));
}

const NOTHING_YET = "Train with λ = 0 first, then move λ: each result stays here to compare with.";

const COLUMNS = [
  { title: "λ", numeric: true },
  { title: "learned complexity (%)", numeric: true },
  { title: "gap (points)", numeric: true },
  { title: "test accuracy (%)", numeric: true },
  { title: "the head λ acts on (%)", numeric: true },
] as const;

const rowOf = (lambda: number, { train, test, randomLabels, acted }: ToyEpoch): string[] => [
  String(lambda),
  ...[randomLabels, train - test, test, acted].map((share) => percent(share)),
];

/** For whoever hears the page. */
export function toldRun(lambda: number, { train, test, randomLabels }: ToyEpoch): Child {
  return (
    `Trained with lambda ${lambda}: learned complexity ${percent(randomLabels)} %, ` +
    `gap ${percent(train - test)} points, test accuracy ${percent(test)} %.`
  );
}
