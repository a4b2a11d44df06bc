/** @file Entries of one board side by side, paired over the panel's seeds. */

import type { BoardRow } from "../board/board-row.ts";
import { compareOutcomes } from "../board/comparison.ts";
import { conditionsOfResult, differences } from "../statement/conditions.ts";
import type { ComparisonDocument } from "./documents.ts";
import { outcome } from "../summary.ts";
import { findProtocol } from "../protocols.ts";
import type { Run } from "../run.ts";
import type { Result } from "../statement/statements.ts";

export interface ComparedEntry {
  row: BoardRow;
  result: Result;
}

/** @param entries two to five of one protocol. Fresh seeds are everybody's own, so the panel alone is compared. */
export function comparedEntries(entries: readonly ComparedEntry[]): ComparisonDocument {
  const { protocol: id } = entries[0]!.result;
  const protocol = findProtocol(id);
  const outcomes = entries.map(({ result }) => outcome(result.panel as [Run, ...Run[]], protocol));
  return {
    protocol: { id, name: protocol.name },
    rows: entries.map(({ row }) => row),
    differences: differences(entries.map(({ result }) => conditionsOfResult(result, protocol))),
    comparisons: compareOutcomes(outcomes, protocol),
  };
}
