/** @file Which rows a view lets through. Ten thousand rows are filtered while somebody types. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import { isHiddenState, stateText } from "../../../record/board/states.ts";
import { regularizerFamily } from "../../charts/families.ts";
import type { BoardView } from "./board-view.ts";

export function isHidden({ standing }: BoardRow): boolean {
  return isHiddenState(standing.state);
}

/** A state that is asked for by name is shown, also when it is hidden by default. */
export function filterRows(rows: readonly BoardRow[], view: BoardView): BoardRow[] {
  const words = view.text.toLowerCase().split(/\s+/).filter(Boolean);
  const { archs, families, states, device, hidden } = view;
  return rows.filter(
    (row) =>
      (hidden || states.includes(row.standing.state) || !isHidden(row)) &&
      (archs.length === 0 || archs.includes(row.arch)) &&
      (states.length === 0 || states.includes(row.standing.state)) &&
      (device === null || row.engine.device === device) &&
      (families.length === 0 || families.includes(regularizerFamily(row.regs))) &&
      words.every((word) => searchable(row).includes(word)),
  );
}

/** What a word is looked for in; kept, as a row does not change. */
const texts = new WeakMap<BoardRow, string>();

function searchable(row: BoardRow): string {
  const kept = texts.get(row);
  if (kept !== undefined) return kept;
  const { arch, regs, entry, signer, machine, standing } = row;
  const parts = [arch, regs, entry, signer.name, signer.key, machine.cpu, ...machine.gpus];
  const text = [...parts, stateText(standing)].join(" ").toLowerCase();
  texts.set(row, text);
  return text;
}
