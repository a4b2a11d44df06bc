/**
 * @file In which order the reference is trained. Whoever stops early should have whole answers, so one network is done
 * after the other, the cheapest first; within a network `none` and what the claims are about first.
 */

import { findProtocol } from "../record/protocols.ts";
import { trainSamples } from "./cost.ts";
import { type PlannedCell, plannedCells } from "./cells.ts";

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
  const unlisted = (network: string) =>
    cells.filter((cell) => cell.network === network && isOther(cell));
  /** All that the plan asks of one network. */
  const whole = (network: string) => [
    panel(network, of(network)),
    listing(network, of(network)),
    rest(network, of(network)),
    ...others(network, unlisted(network)),
  ];
  const dear = ["cnn-32", "vit-xs-8", "wrn-16-1"];
  const row = cells.filter(({ base, isListed }) => isListed && base !== "micro-1");
  return [
    ...["mlp-256", "mlp-128", "cnn-16"].flatMap(whole),
    train("does micro predict big", cells.filter(isBig)),
    ...dear.flatMap(whole),
    ...whole("mlp-512"),
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

/** None for a network of which the plan asks no more than a panel. */
function rest(network: string, cells: readonly PlannedCell[]): Step {
  const further = cells.filter((cell) => cell.seeds.length > panelOf(cell).length);
  return train(`${network}: the other shared seeds`, further);
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
