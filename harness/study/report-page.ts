/** @file The report as one HTML document that needs nothing but itself. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { drawn } from "../../site/charts/drawn.ts";
import type { VNode } from "preact";
import { type Child, h } from "../../site/markup/element.ts";
import { CHARTS_CSS, headsFigure, mapFigure, missingCharts, studyCharts } from "./report-charts.ts";
import {
  configurationsTable,
  controlsTable,
  headCountsTable,
  headsTable,
  redrawCountsTable,
  runsTable,
  spectrumTable,
} from "./configurations-table.ts";
import { knownFigure } from "./known-figure.ts";
import { savedTables } from "./saved-tables.ts";
import { dataWords } from "../data/local/data-note.ts";
import { type Study, type Trained, epochsOf } from "./trained.ts";
import type { Pictures } from "./training-pictures.ts";
import type { Outcome } from "../../record/summary.ts";
import { datasetLabel, trainedSamples } from "../../record/datasets.ts";
import type { Environment } from "./environment.ts";
import {
  count,
  gibibytes,
  minute,
  percent,
  percentInterval,
  plural,
} from "../../site/charts/numbers.ts";
import { selectivityMeaning, widthSentence } from "../../site/charts/capacity-words.ts";
import { toldRefits } from "../../record/told-refits.ts";
import { differenceText } from "../../record/statement/difference-words.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

interface Page {
  /** Milliseconds, shown in the header. */
  madeAt: number;
  /** Training images, or a sentence that says why there are none; null where no run says which of them heads know. */
  pictures: Pictures | string | null;
}

/**
 * Self-contained HTML: styles, script and images inside, styles and script allowed by their digests alone, everything else
 * forbidden.
 */
export function reportPage(study: Study, { madeAt, pictures }: Page): string {
  const style = CHARTS_CSS + ["../../site/markup/tables.css", "report.css"].map(read).join("");
  const script = read("page-script.js");
  const policy = [
    "default-src 'none'",
    `style-src '${digest(style)}'`,
    `script-src '${digest(script)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const raw = (text: string) => ({ dangerouslySetInnerHTML: { __html: text } });
  const page = h(
    "html",
    { lang: "en" },
    h(
      "head",
      {},
      h("meta", { charset: "utf-8" }),
      h("meta", { "http-equiv": "Content-Security-Policy", content: policy }),
      h("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
      h("meta", { name: "color-scheme", content: "light dark" }),
      h("title", {}, `Rademark report: ${study.name}`),
      h("style", raw(style)),
    ),
    h("body", {}, main(study, { madeAt, pictures }), h("script", raw(script))),
  );
  return `<!doctype html>\n${drawn(page)}\n`;
}

const digest = (text: string) => `sha256-${createHash("sha256").update(text).digest("base64")}`;

function main(study: Study, { madeAt, pictures }: Page): VNode {
  const finished = study.configurations.some(({ outcome }) => outcome !== null);
  return h(
    "main",
    {},
    header(study, madeAt),
    notices(study),
    h("div", { class: "first" }, lead(study), mapFigure(study)),
    h("h2", {}, "Configurations"),
    h("p", { class: "faint" }, PLUS_MINUS),
    configurationsTable(study),
    finished ? savedTables(study) : null,
    ...studyCharts(study),
    finished ? missingCharts(study) : null,
    finished ? details(study, pictures) : null,
    h("h2", {}, "Every run"),
    runsTable(study),
  );
}

const PLUS_MINUS =
  "Means over seeds. ± is half the width of the 95 % t-interval; a mean without it comes from a single seed, or is the same in all. " +
  "– is not measured, or void because a run diverged. Learned complexity and capacity: 0 % is chance, 100 % every label. " +
  "Underlined titles explain themselves; select one to sort by it.";

/** @param madeAt milliseconds at which the report is written. */
function header(study: Study, madeAt: number): VNode {
  const { protocol, protocolId, configurations } = study;
  const runs = configurations.reduce((sum, trained) => sum + trained.runs.length, 0);
  const environments = distinct(configurations.flatMap(({ environments }) => environments));
  const facts: [term: string, ...descriptions: Child[]][] = [
    ["Protocol", `${protocol.name} (${protocolId.slice(0, 12)}…)`],
    ["Data", describeTraining(study)],
    ["Machine", ...describe(environments, machine)],
    ["Harness", ...describe(environments, harness)],
    ["Engine", ...engines(study)],
    ["Trained", ...trainedAt(environments)],
    ["Report", minute(new Date(madeAt).toISOString())],
  ];
  return h(
    "header",
    {},
    h("h1", {}, `Rademark report: ${study.name}`),
    h(
      "p",
      { class: "size" },
      `${plural(configurations.length, "configuration")}, ${plural(runs, "finished run")}`,
    ),
    h(
      "dl",
      {},
      ...facts.map(([term, ...descriptions]) =>
        h(
          "div",
          {},
          h("dt", {}, term),
          ...descriptions.map((description) => h("dd", {}, description)),
        ),
      ),
    ),
  );
}

function describeTraining(study: Study): string {
  const { protocol } = study;
  const trained = epochsOf(study);
  const { epochs, batch, headline } = protocol;
  return (
    `${dataOf(study)}, ${count(trainedSamples(protocol))} training images, ${trained < epochs ? `the first ${trained} of ` : ""}${plural(epochs, "epoch")} in batches of ${batch}; ` +
    `headline label space n = ${headline}`
  );
}

const dataOf = ({ configurations, protocol }: Study) =>
  configurations[0] ? dataWords(configurations[0].folder) : datasetLabel(protocol);

function distinct(environments: readonly Environment[]): Environment[] {
  return [
    ...new Map(
      environments.map((each) => [machine(each) + harness(each) + minute(each.at), each]),
    ).values(),
  ];
}

function describe(
  environments: readonly Environment[],
  say: (environment: Environment) => string,
): string[] {
  const said = new Set(environments.map(say));
  return said.size > 0 ? [...said] : ["unknown (no env.json)"];
}

/** Each minute up to three, of more the first and the last; times of ISO 8601 sort as texts. */
function trainedAt(environments: readonly Environment[]): string[] {
  const minutes = describe(environments, ({ at }) => minute(at)).sort();
  return minutes.length > 3 ? [`${minutes[0]} to ${minutes.at(-1)}`] : minutes;
}

function machine({ cpu, cores, memoryBytes, gpus, os }: Environment): string {
  const cards = gpus.map(({ name }) => name).join(", ");
  return [cpu, plural(cores, "core"), gibibytes(memoryBytes), cards, os].filter(Boolean).join(", ");
}

function harness({ harness, git, node, tensorflow }: Environment): string {
  const commit =
    git && `commit ${git.commit.slice(0, 12)}${git.dirty ? " with local changes" : ""}`;
  const library = tensorflow && `TensorFlow ${tensorflow}`;
  return [`rademark ${harness}`, commit, `Node ${node}`, library].filter(Boolean).join(", ");
}

function engines({ configurations }: Study): string[] {
  const said = configurations.map(({ folder }) => {
    const { engine, threads } = folder.configuration;
    return `${engine}, ${plural(threads, "thread")} a run`;
  });
  return [...new Set(said)];
}

interface Notice {
  title: string;
  lines: string[];
}

/** Null when there is nothing to say. */
function notices(study: Study): VNode | null {
  const all = [
    ...[empty(study), partial(study), diverged(study), meaningless(study)],
    ...[shortened(study), unequal(study), odd(study)],
  ];
  const said = all.filter((notice) => notice !== null && notice.lines.length > 0) as Notice[];
  if (said.length === 0) return null;
  return h(
    "section",
    { class: "notices", "aria-label": "Notices" },
    ...said.map(({ title, lines }) =>
      h(
        "div",
        { class: "notice" },
        h("strong", {}, title),
        h("ul", {}, ...lines.map((line) => h("li", {}, line))),
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
        trained.runs.flatMap(({ controls, trainSamples }) =>
          (controls?.null ?? [])
            .filter(({ width }) => width >= trainSamples - 1)
            .map(({ tap }) => tap),
        ),
      );
      const seeds = flat.map(({ seed }) => seed).join(", ");
      return [
        ...(flat.length > 0
          ? [
              `${name}: at the last tap all samples have the same features (${flat.length === 1 ? "seed" : "seeds"} ${seeds}), ` +
                "so its capacity and spectrum are those of a constant, and means over the seeds mix them with others.",
            ]
          : []),
        ...(wide.size > 0
          ? [
              `${name}: at ${wide.size === 1 ? "tap" : "taps"} ${[...wide].join(", ")} there are no more samples than features and a mean, ` +
                "and almost any points so few can be given any labels: capacity, frozen and null are a matter of those numbers alone.",
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

/** What the reader sees and may not conclude, in plain words, before any chart. */
function lead(study: Study): VNode {
  const samples = study.configurations.find(({ runs }) => runs.length > 0)?.runs[0]?.trainSamples;
  const labels = samples === undefined ? "every label" : `all ${count(samples)} labels`;
  const isSuppressed = study.configurations.some(({ outcome }) =>
    outcome?.summary.heads.some(({ regularized }) => regularized),
  );
  const p = (...children: Child[]) => h("p", {}, ...children);
  return h(
    "section",
    { class: "lead" },
    h("h2", {}, "What you see"),
    p(
      "Each network learned to classify images. Beside it, small heads learned random labels from its features. ",
      isSuppressed
        ? "Their gradients do not enter the network; one with rl= is also trained to make one labelling hard to predict. "
        : "Their gradients do not enter the network. ",
      "What they get right after training is its ",
      h("strong", {}, "learned complexity"),
      `: 0 % is chance, 100 % means ${labels}. Its `,
      h("strong", {}, "capacity"),
      ", on the same scale, is what ridge regression gets right of labellings that no head met, from the final features alone. The ",
      h("strong", {}, "generalization gap"),
      " is the accuracy on training images minus the accuracy on test images.",
    ),
    ranges(study),
    h("h2", {}, "What you may not conclude"),
    h("ul", {}, ...warnings(study).map((warning) => h("li", {}, warning))),
  );
}

const AXES = {
  learnedComplexity: "learned complexity",
  capacity: "capacity",
  gap: "gap",
} as const;
type Axis = keyof typeof AXES;

/** The extremes of each axis, in words. */
function ranges({ configurations }: Study): VNode | null {
  const placed = configurations.flatMap(({ outcome }) => {
    if (outcome === null) return [];
    const { learnedComplexity, capacity, gap } = outcome.summary;
    if (!learnedComplexity || !capacity || !gap) return [];
    const means = {
      learnedComplexity: learnedComplexity.mean,
      capacity: capacity.mean,
      gap: gap.mean,
    };
    return [{ name: `${outcome.arch} ${outcome.regs}`, ...means }];
  });
  if (placed.length < 2) return null;
  const said = (Object.keys(AXES) as Axis[]).map((axis) => {
    const sorted = placed.toSorted((a, b) => a[axis] - b[axis]);
    const [low, high] = [sorted[0]!, sorted.at(-1)!];
    const unit = axis === "gap" ? "points" : "%";
    return `${AXES[axis]} runs from ${percent(low[axis])} ${unit} (${low.name}) to ${percent(high[axis])} ${unit} (${high.name})`;
  });
  return h("p", {}, `Here, ${said.join("; the ")}.`);
}

function warnings(study: Study): string[] {
  const { configurations, protocol } = study;
  const seeds = Math.max(0, ...configurations.map(({ runs }) => runs.length));
  return [
    "Lower is not better, for learned complexity or capacity. A regularizer can lower either without improving generalization: this is a map, not a race.",
    "The two are never mixed, and can disagree: a head also depends on its own training, and on what corrupts its input, such as dropout.",
    "A smaller gap is not better either: a network that learns nothing has none. Look at its test accuracy.",
    "Neither says much alone. Width and number of samples move them a lot, so read heads beside heads on the frozen trunk, and capacity beside the frozen trunk's and the null.",
    `Intervals are over ${plural(seeds, "seed")} on ${dataOf(study)} under ${protocol.name}. They say nothing about other data, ` +
      "longer training or other networks, and two that overlap do not prove two networks equal.",
  ];
}

/** A closed section a configuration; those without a finished run are left out. */
function details(study: Study, pictures: Page["pictures"]): VNode {
  const isAlone = study.configurations.length === 1;
  const sections = study.configurations.map((trained, i) =>
    trained.outcome === null
      ? null
      : section(trained, { outcome: trained.outcome, index: i, isAlone, pictures }),
  );
  return h(
    "section",
    {},
    h("h2", {}, "Each configuration in full"),
    h(
      "p",
      {},
      "Random-label accuracy of every head, over training and at the end, its built-in negative control (labels it never met, which it can " +
        "only guess), the controls beside it, and the counts that all of it is computed from; those of every redraw are in " +
        "each seed's final.json. Bits, spectrum and the null's rungs spectrum and leverages are declared: nobody can recompute " +
        "them from counts.",
    ),
    ...sections,
  );
}

interface SectionOf extends Pick<Page, "pictures"> {
  outcome: Outcome;
  index: number;
  isAlone: boolean;
}

function section(trained: Trained, { outcome, index, isAlone, pictures }: SectionOf): VNode {
  const { folder, runs } = trained;
  const { arch, regs, summary } = outcome;
  const { headline } = folder.protocol;
  const width = widthSentence(summary, headline, runs[0]?.trainSamples ?? null);
  return h(
    "details",
    { class: "configuration", id: `details-${index + 1}`, open: isAlone },
    h("summary", {}, `${arch} ${regs}`),
    width === null ? null : h("p", {}, width),
    ...selectivities(outcome, headline),
    headsFigure(trained, `heads-${index + 1}`),
    headsTable(outcome),
    outcome.summary.controls && controlsTable(outcome, outcome.summary.controls),
    outcome.summary.controls && spectrumTable(outcome, outcome.summary.controls),
    pictures === null ? null : knownFigure(trained, pictures),
    headCountsTable(outcome, runs),
    redrawCountsTable(outcome, folder.protocol),
    departures(folder.configuration),
  );
}

/** Claimed where `rl=` acts on the told labelling, a negative control elsewhere. */
function selectivities({ runs, summary }: Outcome, headline: number): VNode[] {
  const isSuppressed = summary.heads.some(({ regularized }) => regularized);
  return toldRefits(runs, headline).map(({ tap, selectivity, p }) =>
    h(
      "p",
      {},
      `Selectivity at tap ${tap}: ${percentInterval(selectivity)} points. ${selectivityMeaning({ selectivity, p }, isSuppressed)}`,
    ),
  );
}

function departures({ limit, ablations, save }: Trained["folder"]["configuration"]): VNode {
  const { headInput, headLayers, perClass } = ablations;
  const said = [
    limit === null ? "all epochs" : `cut off after ${limit} epochs`,
    `head input ${headInput}`,
    headLayers === 1 ? "heads of one layer" : `heads of ${headLayers} layers`,
    perClass ? "per-class heads" : "heads shared by all classes",
    save.length > 0 ? `saved: ${save.join(", ")}` : "no features saved",
  ];
  return h("p", { class: "faint" }, `Trained with ${said.join(", ")}.`);
}
