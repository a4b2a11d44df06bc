/** @file Every run as raw counts. */

import { percent } from "../../site/charts/percent.ts";
import { type Cell, table } from "../../site/charts/element.ts";
import { count, seconds } from "./numbers.ts";
import { type Study, epochsOf } from "./study.ts";

export function runsTable(study: Study, document: Document): HTMLElement {
  const { configurations } = study;
  return table(
    document,
    "Raw counts of every run",
    [
      { title: "configuration" },
      { title: "seed", numeric: true },
      { title: "status" },
      { title: "epochs", numeric: true },
      { title: "train correct", numeric: true, help: "Of the training images, in evaluation mode" },
      { title: "test correct", numeric: true, help: "Of the test images" },
      { title: "gap (points)", numeric: true },
      { title: "complexity (%)", numeric: true },
      { title: "clipped (%)", numeric: true, help: "Share of steps whose gradient was clipped" },
      { title: "time", numeric: true },
      { title: "images/s", numeric: true },
    ],
    configurations.flatMap(({ folder, outcome, pending }) => {
      const name = `${folder.configuration.arch} ${folder.configuration.regs}`;
      return [
        ...(outcome?.runs ?? []).map((run): (Cell | string)[] => [
          name,
          String(run.seed),
          run.status,
          String(run.epochs),
          fraction(run.counts.trainCorrect, run.counts.trainSamples),
          fraction(run.counts.testCorrect, run.counts.testSamples),
          percent(run.gap, 2),
          percent(run.complexity, 2),
          percent(run.clippedShare),
          { content: run.seconds === null ? "–" : seconds(run.seconds), order: run.seconds },
          { content: count(run.imagesPerSecond ?? 0), order: run.imagesPerSecond },
        ]),
        ...pending.map(({ seed, epochs }) => [
          name,
          String(seed),
          "unfinished",
          { content: `${epochs} of ${epochsOf(study)}`, order: epochs },
          ...Array.from({ length: 7 }, () => "–"),
        ]),
      ];
    }),
  );
}

function fraction(correct: number | null, of: number): Cell {
  return {
    content: correct === null ? "–" : `${count(correct)} / ${count(of)}`,
    order: correct,
  };
}
