/** @file A comparison computed in the page: of a copy without a server, and of entries of the reference, which are files. */

import { comparedEntries } from "../../../record/answers/compared-entries.ts";
import type { ComparisonDocument, EntryDocument } from "../../../record/answers/documents.ts";
import { runMetrics } from "../../../record/metrics.ts";
import { findProtocol } from "../../../record/protocols.ts";
import { type Answer, createApi, pageApi } from "../../data/api.ts";
import type { EntryHome, EntryModel } from "../../data/entry-model.ts";
import { resultIn } from "../../data/result-in.ts";
import type { Result } from "../../../record/statement/statements.ts";

const MIXED = {
  type: "about:blank",
  title: "These entries are of different boards.",
  status: 400,
  detail: "Only entries of one protocol can be compared.",
  errors: [],
};

/** The comparison with what its pictures are drawn from, in the order asked for. */
export interface ComparedHere {
  comparison: ComparisonDocument;
  drawables: Pick<EntryModel, "entry" | "runs">[];
  homes: EntryHome[];
}

/** @param ids of two to five entries, of this board's log or of the reference. */
export async function comparedHere(ids: readonly string[]): Promise<Answer<ComparedHere>> {
  const found = await Promise.all(ids.map(fetchEntry));
  const missing = found.find((each) => !each.ok);
  if (missing !== undefined) return missing;
  const entries = found.flatMap((each) => (each.ok ? [each.value] : []));
  if (new Set(entries.map(({ result }) => result.protocol)).size > 1)
    return { ok: false, reason: "refused", problem: MIXED, retryAfterSeconds: null };
  return {
    ok: true,
    value: {
      comparison: comparedEntries(entries.map(({ entry: { row }, result }) => ({ row, result }))),
      drawables: entries.map(({ entry, result }) => ({ entry, runs: runsOf(result) })),
      homes: entries.map(({ home }) => home),
    },
  };
}

const referenceApi = createApi("/reference", (_name, body) => body as never);

interface FoundEntry {
  entry: EntryDocument;
  result: Result;
  home: EntryHome;
}

/** The board's own, or that of the reference which came with the site. */
async function fetchEntry(id: string): Promise<Answer<FoundEntry>> {
  const own = await fetchFrom(id, "");
  if (own.ok || own.reason === "offline" || own.reason === "refused") return own;
  const reference = await fetchFrom(id, "/reference");
  return reference.ok ? reference : own;
}

async function fetchFrom(id: string, home: EntryHome): Promise<Answer<FoundEntry>> {
  const api = home === "" ? pageApi : referenceApi;
  const [entry, statement] = await Promise.all([api.entry(id), api.statement(id)]);
  if (!entry.ok) return entry;
  if (!statement.ok) return statement;
  return {
    ok: true,
    value: { entry: entry.value, result: resultIn(statement.value.envelope), home },
  };
}

function runsOf({ protocol, panel, fresh }: Result): EntryModel["runs"] {
  const known = findProtocol(protocol);
  return { panel, fresh, metrics: [...panel, ...fresh].map((run) => runMetrics(run, known)) };
}
