/**
 * @file What is trained for the reference: every cell that a contrast of the replication plan names, the controls that
 * docs/replication-plan.md lists, and two questions about protocols (does micro predict big; one row of cifar10-1).
 */

import { findProtocol } from "../record/protocols.ts";
import { FEWER_HEADS } from "../record/replication/inertness.ts";
import { BIG, COMPARED, COMPARED_SEEDS } from "../record/replication/micro-and-big.ts";
import { replicationPlan } from "../record/replication/plan.ts";
import { type ReferenceCell, cellKey } from "../record/replication/reference.ts";

/** A cell with the seeds that the plan shares over the cells of a network. */
export interface PlannedCell extends ReferenceCell {
  seeds: readonly number[];
  /** Will it be listed, after a challenge? A board refuses the others by rule. */
  isListed: boolean;
}

/** Every cell once, with the most seeds that anything asks of it. */
export function plannedCells(): PlannedCell[] {
  const cells = new Map<string, PlannedCell>();
  for (const cell of [...contrastCells(), ...controlCells(), ...protocolCells()]) {
    const key = cellKey(cell);
    const known = cells.get(key);
    if (known === undefined || known.seeds.length < cell.seeds.length) cells.set(key, cell);
  }
  return [...cells.values()];
}

export const seedsUpTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

/** The four networks that have every cell; the plan gives the others fewer, for their cost. */
export const WHOLE_GRID = ["mlp-128", "mlp-256", "mlp-512", "cnn-16"];

/** Those with other numbers of training samples, and with head input `raw`. */
const SAMPLED = ["mlp-256", "cnn-16"];

const networks = Object.keys(replicationPlan.seeds);

function contrastCells(): PlannedCell[] {
  return replicationPlan.contrasts.flatMap(({ networks, terms, selected, ranks }) => {
    const pairs = [
      ...terms,
      ...ranks.flatMap(({ cells }) => cells),
      ...selected.flatMap(({ among, chosenAt, settings }) =>
        among.flatMap((regs) => [chosenAt, settings].map((each) => ({ settings: each, regs }))),
      ),
    ];
    return networks.flatMap((network) =>
      pairs.map(({ settings, regs }) => planned({ network, settings, regs })),
    );
  });
}

const CONTROLS = [
  ...["aug", "cutout=8", "mixup=0.2", "sam=0.05", "rl=10:confusion", "rl=10:reversal"],
];

function controlCells(): PlannedCell[] {
  const whole = WHOLE_GRID.flatMap((network) => CONTROLS.map((regs) => planned({ network, regs })));
  const others = networks.filter((network) => !WHOLE_GRID.includes(network));
  const apart = SAMPLED.flatMap((network) =>
    ["none", "dropout=0.5", "wd=0.02", "ls=0.3"].flatMap((regs) => [
      planned({ network, regs, headInput: "raw" }),
      planned({ network, regs, settings: ["subset.perClass=100"] }),
    ]),
  );
  return [
    ...whole,
    ...others.map((network) => planned({ network, regs: "aug" })),
    ...networks.map((network) => planned({ network, settings: FEWER_HEADS, regs: "none" })),
    ...apart,
  ];
}

function protocolCells(): PlannedCell[] {
  return [
    ...COMPARED.map((cell) => planned({ ...cell, ...BIG, seeds: COMPARED_SEEDS })),
    planned({ network: "mlp-256", regs: "none", base: "cifar10-1" }),
  ];
}

/** A cell of the plan's protocol with the network's seeds, unless it says otherwise. */
function planned(
  cell: Pick<ReferenceCell, "network" | "regs"> & Partial<PlannedCell>,
): PlannedCell {
  const { base = replicationPlan.protocol, settings = [], headInput = "rms" } = cell;
  const isListed = settings.length === 0 && headInput === "rms";
  const { panelSeeds } = findProtocol(base);
  const seeds =
    base === replicationPlan.protocol
      ? seedsUpTo(replicationPlan.seeds[cell.network]!)
      : panelSeeds;
  return { base, settings, headInput, isListed, seeds, ...cell };
}
