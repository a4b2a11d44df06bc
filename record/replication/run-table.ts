/** @file Runs by what was trained: the network, the protocol, the regularizers, the heads' input, the seed. */

import { deriveProtocol } from "../derived-protocol.ts";
import { findProtocol, protocolId } from "../protocols.ts";
import { replicationPlan } from "./plan.ts";
import type { ReferenceRun } from "./reference.ts";

/** What is trained of a network under the plan's protocol. */
export interface Cell {
  /** Changes of the protocol, as `--set` takes them; none: the protocol itself. */
  settings: readonly string[];
  /** Canonical. */
  regs: string;
  headInput: ReferenceRun["headInput"];
}

export interface RunTable {
  find(network: string, cell: Cell, seed: number): ReferenceRun | null;
  /** Whatever was trained of a network under the plan's protocol itself, heads as the method has them: regularizers. */
  regularizers(network: string): string[];
}

export function runTable(runs: readonly ReferenceRun[]): RunTable {
  const byKey = new Map(
    runs.map((each) => [keyOf(each.network, protocolId(each.protocol), each, each.seed), each]),
  );
  const own = idOf([]);
  return {
    find: (network, cell, seed) =>
      byKey.get(keyOf(network, idOf(cell.settings), cell, seed)) ?? null,
    regularizers: (network) => [
      ...new Set(
        runs
          .filter((each) => each.network === network && each.headInput === "rms")
          .filter(({ protocol }) => protocolId(protocol) === own)
          .map(({ regs }) => regs),
      ),
    ],
  };
}

function keyOf(
  network: string,
  protocol: string,
  { regs, headInput }: Pick<Cell, "regs" | "headInput">,
  seed: number,
): string {
  return [network, protocol, headInput, regs, seed].join(" ");
}

const ids = new Map<string, string>();

/** By what a document decides, however its settings are written. */
function idOf(settings: readonly string[]): string {
  const name = JSON.stringify(settings);
  const base = findProtocol(replicationPlan.protocol);
  const id = ids.get(name) ?? protocolId(deriveProtocol(base, settings));
  ids.set(name, id);
  return id;
}

/** `none`, `rl=10 · m = 500`, `none · head input raw`: the regularizers, and what else departs from the protocol. */
export function cellName({ regs, settings, headInput }: Cell): string {
  const others = settings.map((each) =>
    each.startsWith("subset.perClass=") ? samplesName([each]) : each,
  );
  return [regs, ...others, ...(headInput === "rms" ? [] : [`head input ${headInput}`])].join(" · ");
}

/** `m = 2,500`: how many images are trained on. */
export function samplesName(settings: readonly string[]): string {
  const { subset, classes } = deriveProtocol(findProtocol(replicationPlan.protocol), settings);
  return `m = ${(subset!.perClass * classes).toLocaleString("en-US")}`;
}
