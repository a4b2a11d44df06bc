/** @file Where the numbers come from: protocol, machine, harness, time. */

import { DATASETS } from "../../record/datasets.ts";
import { html, type Child } from "../../site/charts/element.ts";
import type { Environment } from "../sweep/environment.ts";
import { count, gibibytes, plural } from "./numbers.ts";
import { epochsOf, type Study } from "./study.ts";

/** @param madeAt milliseconds at which the report is written. */
export function header(study: Study, madeAt: number, document: Document): HTMLElement {
  const el = html.bind(null, document);
  const { protocol, protocolId, configurations } = study;
  const runs = configurations.reduce((sum, trained) => sum + trained.runs.length, 0);
  const environments = distinct(configurations.map(({ environment }) => environment));
  const facts: [term: string, ...descriptions: Child[]][] = [
    ["Protocol", `${protocol.name} (${protocolId.slice(0, 12)}…)`],
    ["Data", describeTraining(study)],
    ["Machine", ...describe(environments, machine)],
    ["Harness", ...describe(environments, harness)],
    ["Engine", ...engines(study)],
    ["Trained", ...describe(environments, ({ at }) => minute(at))],
    ["Report", minute(new Date(madeAt).toISOString())],
  ];
  return el(
    "header",
    {},
    el("h1", {}, `Rademark report: ${study.name}`),
    el(
      "p",
      { class: "size" },
      `${plural(configurations.length, "configuration")}, ${plural(runs, "finished run")}`,
    ),
    el(
      "dl",
      {},
      ...facts.map(([term, ...descriptions]) =>
        el(
          "div",
          {},
          el("dt", {}, term),
          ...descriptions.map((description) => el("dd", {}, description)),
        ),
      ),
    ),
  );
}

function describeTraining(study: Study): string {
  const { protocol } = study;
  const trained = epochsOf(study);
  const { dataset, subset, classes, epochs, batch, headline } = protocol;
  const images = subset === null ? DATASETS[dataset].trainSamples : subset.perClass * classes;
  return (
    `${dataset}, ${count(images)} training images, ${trained < epochs ? `the first ${trained} of ` : ""}${plural(epochs, "epoch")} in batches of ${batch}; ` +
    `headline label space n = ${headline}`
  );
}

function distinct(environments: readonly (Environment | null)[]): Environment[] {
  const known = environments.filter((environment) => environment !== null);
  return [
    ...new Map(
      known.map((each) => [machine(each) + harness(each) + minute(each.at), each]),
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

/** `2026-11-23 23:46 UTC`; a text that is no time stays as it is. */
function minute(at: string): string {
  return Number.isNaN(Date.parse(at)) ? at : `${at.slice(0, 16).replace("T", " ")} UTC`;
}
