/** @file Are the headline means that a visitor reads those that follow from the signed counts? Intervals are not compared. */

import type { EntryDocument } from "../../../record/documents/entry-document.ts";
import type { CheckedEntryFile } from "../../../record/entry-file.ts";
import type { CheckAnswer, Shown } from "./check-messages.ts";
import { SHOWN } from "./check-messages.ts";

type OneCheck = CheckAnswer["checks"][number];

/** Machines may differ in the last bits of a mean. */
const ROUNDING = 1e-9;

const AGREED =
  "The four headline means on this page (complexity, gap, test and train accuracy) are those computed here; " +
  "intervals and controls were not compared.";

export function pageCheck(
  id: string,
  { summary }: EntryDocument,
  shown: Shown,
  { statement, outcome }: CheckedEntryFile,
): OneCheck {
  const failed = (text: string): OneCheck => ({ name: "page", ok: false, text });
  if (statement === null || outcome === null)
    return failed("Not reached: nothing to compare with.");
  if (statement.id !== id) return failed(`The server gave another entry: ${statement.id}.`);
  const wrong = SHOWN.filter((name) => {
    const recomputed = outcome.summary[name]?.mean ?? null;
    return ![summary[name]?.mean ?? null, shown[name]].every((said) => isClose(said, recomputed));
  });
  if (wrong.length > 0)
    return failed(`What is shown does not follow from the counts: ${wrong.join(", ")}.`);
  return { name: "page", ok: true, text: AGREED };
}

function isClose(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a === b;
  return Math.abs(a - b) <= ROUNDING * Math.max(1, Math.abs(a));
}
