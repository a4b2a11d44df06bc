/**
 * @file In which order the reference is trained. Whoever stops early should have whole answers: the panel of cheap
 * networks first, then their listing, then what is dear; within a network `none` and what the claims are about first.
 */

import { findProtocol } from "../record/protocols.ts";
import { trainSamples } from "./cost.ts";
import { type PlannedCell, WHOLE_GRID, plannedCells } from "./cells.ts";

/** Some seeds of some cells: trained, or, with fresh seeds besides, listed. */
export interface Step {
  title: string;
  kind: "train" | "list";
  cells: readonly PlannedCell[];
  /** Of each cell; of a listed one its panel's. */
  seeds: (cell: PlannedCell) => readonly number[];
}

/** The whole plan. */
export function plannedSteps(cells: readonly PlannedCell[] = plannedCells()): Step[] {
  const of = (network: string) => listedCells(cells, network);
  const [mlp128, mlp256, mlp512, cnn16] = WHOLE_GRID.map<PlannedCell[]>(of);
  const dear = ["cnn-32", "vit-xs-8", "wrn-16-1"].map(of);
  const row = cells.filter(({ base, isListed }) => isListed && base !== "micro-1");
  const unlisted = (network: string) =>
    cells.filter((cell) => cell.network === network && isOther(cell));
  return [
    panel("mlp-256", mlp256!),
    panel("mlp-128", mlp128!),
    listing("mlp-256", mlp256!),
    panel("cnn-16", cnn16!),
    listing("mlp-128", mlp128!),
    panel("mlp-512", mlp512!),
    rest("mlp-256", mlp256!),
    ...others("mlp-256", unlisted("mlp-256")),
    listing("cnn-16", cnn16!),
    train("does micro predict big", cells.filter(isBig)),
    rest("mlp-128", mlp128!),
    ...dear.map((some) => panel(some[0]!.network, some)),
    rest("cnn-16", cnn16!),
    ...others("cnn-16", unlisted("cnn-16")),
    listing("mlp-512", mlp512!),
    rest("mlp-512", mlp512!),
    ...dear.map((some) => listing(some[0]!.network, some)),
    ...["mlp-128", "mlp-512", "cnn-32", "vit-xs-8", "wrn-16-1"].flatMap((network) =>
      others(network, unlisted(network)),
    ),
    panel("cifar10-1 mlp-256", row),
    listing("cifar10-1 mlp-256", row),
  ].filter((step) => step.cells.length > 0);
}

const QUICK = ["none", "rl=10", "dropout=0.5", "wd=0.02"];

/** About a quarter of an hour on two cores: four cells of the two cheapest networks, with their panel, and listed. */
export function quickSteps(cells: readonly PlannedCell[] = plannedCells()): Step[] {
  const few = (network: string) =>
    listedCells(cells, network).filter(({ regs }) => QUICK.includes(regs));
  const networks = ["mlp-256", "mlp-128"];
  return [
    ...networks.map((network) => panel(network, few(network))),
    ...networks.map((network) => listing(network, few(network))),
  ];
}

/** Regularizers by what the claims are about; those that are not here come last, in the plan's order. */
const FIRST = [
  ...["none", "rl=10", "rl=1000", "rl=1", "rl=100", "wd=0.02", "wd=0.005", "wd=0.001"],
  ...["dropout=0.5", "dropout=0.3", "dropout=0.1", "ls=0.3", "ls=0.1", "noise=0.4"],
  ...["rl=10,noise=0.4", "noise=0.2", "rl=10,noise=0.2", "canary=25", "rl=10,canary=25"],
];

function listedCells(cells: readonly PlannedCell[], network: string): PlannedCell[] {
  const place = ({ regs }: PlannedCell) =>
    FIRST.includes(regs) ? FIRST.indexOf(regs) : FIRST.length;
  return cells
    .filter((cell) => cell.isListed && cell.network === network && cell.base === "micro-1")
    .sort((a, b) => place(a) - place(b));
}

const isBig = ({ base, isListed }: PlannedCell) => base !== "micro-1" && !isListed;
const isOther = (cell: PlannedCell) => !cell.isListed && cell.base === "micro-1";

/** Seeds that every board asks for. */
const panelOf = ({ base }: PlannedCell) => findProtocol(base).panelSeeds;

function panel(network: string, cells: readonly PlannedCell[]): Step {
  return { title: `${network}: the panel`, kind: "train", cells, seeds: panelOf };
}

function rest(network: string, cells: readonly PlannedCell[]): Step {
  return train(`${network}: the other shared seeds`, cells);
}

/** Other protocols and head input `raw`: one protocol after the other, the fewest samples first. */
function others(network: string, cells: readonly PlannedCell[]): Step[] {
  const groups = Map.groupBy(cells, ({ settings, headInput }) =>
    [...settings, ...(headInput === "rms" ? [] : [`head input ${headInput}`])].join(" "),
  );
  return [...groups]
    .sort(([, [a]], [, [b]]) => trainSamples(a!) - trainSamples(b!))
    .map(([words, some]) => train(`${network}: ${words}`, some));
}

function train(title: string, cells: readonly PlannedCell[]): Step {
  return { title, kind: "train", cells, seeds: ({ seeds }) => seeds };
}

function listing(what: string, cells: readonly PlannedCell[]): Step {
  return { title: `${what}: challenged and listed`, kind: "list", cells, seeds: panelOf };
}
