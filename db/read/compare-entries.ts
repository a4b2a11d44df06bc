/** @file Entries of one board side by side, paired over the panel's seeds. */

import { compareOutcomes } from "../../record/comparison.ts";
import type { ComparisonDocument } from "../../record/documents/comparison-document.ts";
import { outcome } from "../../record/outcome.ts";
import { findProtocol } from "../../record/protocols.ts";
import type { Run } from "../../record/run.ts";
import { resultOf, type FoundRow } from "./find-rows.ts";

/** @param found two to five of one protocol. Fresh seeds are everybody's own, so the panel alone is compared. */
export function compareEntries(found: readonly FoundRow[]): ComparisonDocument {
  const id = found[0]!.protocol;
  const protocol = findProtocol(id);
  const outcomes = found.map((each) => outcome(resultOf(each).panel as [Run, ...Run[]], protocol));
  return {
    protocol: { id, name: protocol.name },
    rows: found.map(({ row }) => row),
    comparisons: compareOutcomes(outcomes),
  };
}
