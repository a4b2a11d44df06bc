/** @file What a reader has to know first: what is unfinished, diverged, shortened or odd. */

import { differenceText } from "../../record/conditions.ts";
import { html } from "../../site/charts/element.ts";
import { plural } from "./numbers.ts";
import { epochsOf, type Study } from "./study.ts";
import type { Trained } from "./trained.ts";

interface Notice {
  title: string;
  lines: string[];
}

/** Null when there is nothing to say. */
export function notices(study: Study, document: Document): HTMLElement | null {
  const all = [
    ...[empty(study), partial(study), diverged(study), meaningless(study)],
    ...[shortened(study), unequal(study), odd(study)],
  ];
  const said = all.filter((notice) => notice !== null && notice.lines.length > 0) as Notice[];
  if (said.length === 0) return null;
  const el = html.bind(null, document);
  return el(
    "section",
    { class: "notices", "aria-label": "Notices" },
    ...said.map(({ title, lines }) =>
      el(
        "div",
        { class: "notice" },
        el("strong", {}, title),
        el("ul", {}, ...lines.map((line) => el("li", {}, line))),
      ),
    ),
  );
}

const nameOf = ({ folder }: Trained): string =>
  `${folder.configuration.arch} ${folder.configuration.regs}`;

function empty({ configurations, name }: Study): Notice | null {
  if (configurations.some(({ runs }) => runs.length > 0)) return null;
  return {
    title: "No run is finished yet, so there is nothing to show.",
    lines: [`Train, or go on with what was begun: rademark resume ${name}`],
  };
}

function partial(study: Study): Notice {
  const { configurations } = study;
  const missing = configurations.reduce((sum, { pending }) => sum + pending.length, 0);
  const stage = (epochs: number) =>
    epochs === 0 ? "not begun" : `${epochs} of ${plural(epochsOf(study), "epoch")}`;
  return {
    title: `Unfinished: ${plural(missing, "run")} still to train. Means and intervals are over the finished ones.`,
    lines: configurations
      .filter(({ pending }) => pending.length > 0)
      .map((trained) => {
        const stages = Map.groupBy(trained.pending, ({ epochs }) => stage(epochs));
        const said = Array.from(stages, ([at, seeds]) => {
          const numbers = seeds.map(({ seed }) => seed).join(", ");
          return `${seeds.length === 1 ? "seed" : "seeds"} ${numbers} (${at})`;
        });
        return `${nameOf(trained)}: ${said.join(", ")}`;
      }),
  };
}

function diverged({ configurations }: Study): Notice {
  return {
    title:
      "Diverged. A mean over the runs that went well would mislead, so these have none and are not on the map:",
    lines: configurations.flatMap((trained) => {
      const divergence = trained.outcome?.summary.divergence;
      return divergence ? [`${nameOf(trained)}: ${divergence}`] : [];
    }),
  };
}

/** What is shown all the same, and says nothing about the representation. */
function meaningless({ configurations }: Study): Notice {
  return {
    title: "Numbers that say nothing about the features:",
    lines: configurations.flatMap((trained) => {
      const name = nameOf(trained);
      const flat = trained.runs.filter(({ controls }) => controls?.spectrum.effectiveRank === 0);
      const wide = new Set(
        trained.runs.flatMap(({ controls }) =>
          (controls?.null ?? []).filter(({ h }) => h >= 1).map(({ tap }) => tap),
        ),
      );
      const seeds = flat.map(({ seed }) => seed).join(", ");
      return [
        ...(flat.length > 0
          ? [
              `${name}: at the last tap all samples have the same features (${flat.length === 1 ? "seed" : "seeds"} ${seeds}), ` +
                "so its refit and spectrum are those of a constant, and means over the seeds mix them with others.",
            ]
          : []),
        ...(wide.size > 0
          ? [
              `${name}: at ${wide.size === 1 ? "tap" : "taps"} ${[...wide].join(", ")} there are no more samples than features and a mean, ` +
                "and almost any points so few can be given any labels: refit, frozen and null are a matter of those numbers alone.",
            ]
          : []),
      ];
    }),
  };
}

function shortened({ configurations }: Study): Notice {
  const reasons = Map.groupBy(
    configurations.filter(({ unsubmittable }) => unsubmittable.length > 0),
    ({ unsubmittable }) => unsubmittable.join("; "),
  );
  return {
    title: "Cannot be submitted to a board:",
    lines: Array.from(reasons, ([reason, group]) => {
      const everybody = group.length === configurations.length;
      return everybody ? reason : `${group.map(nameOf).join(", ")}: ${reason}`;
    }),
  };
}

/** What would make them incomparable was refused before. */
function unequal({ configurations, differing }: Study): Notice {
  const names = configurations.map(nameOf);
  return {
    title: "Not everything that decides numbers was the same for all of them:",
    lines: differing.map((difference) => differenceText(difference, names)),
  };
}

function odd({ configurations }: Study): Notice {
  return {
    title: "The files do not agree with each other:",
    lines: configurations.flatMap(({ notices: lines }) => lines),
  };
}
