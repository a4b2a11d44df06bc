/** @file A comparison computed in the page, from the signed results that a copy without a server has as files. */

import { comparedEntries } from "../../../record/answers/compared-entries.ts";
import type { ComparisonDocument } from "../../../record/answers/documents.ts";
import { type Answer, pageApi } from "../../data/api.ts";
import { resultIn } from "../../data/result-in.ts";

const MIXED = {
  type: "about:blank",
  title: "These entries are of different boards.",
  status: 400,
  detail: "Only entries of one protocol can be compared.",
  errors: [],
};

/** @param ids of two to five entries. */
export async function comparedHere(ids: readonly string[]): Promise<Answer<ComparisonDocument>> {
  const found = await Promise.all(ids.map(fetchEntry));
  const missing = found.find((each) => !each.ok);
  if (missing !== undefined) return missing;
  const entries = found.flatMap((each) => (each.ok ? [each.value] : []));
  if (new Set(entries.map(({ result }) => result.protocol)).size > 1)
    return { ok: false, reason: "refused", problem: MIXED, retryAfterSeconds: null };
  return { ok: true, value: comparedEntries(entries) };
}

async function fetchEntry(id: string) {
  const [entry, statement] = await Promise.all([pageApi.entry(id), pageApi.statement(id)]);
  if (!entry.ok) return entry;
  if (!statement.ok) return statement;
  const result = resultIn(statement.value.envelope);
  return { ok: true, value: { row: entry.value.row, result } } as const;
}
