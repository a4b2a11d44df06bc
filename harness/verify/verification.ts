/** @file Everything that can be checked of a result or a reproduction, here, whoever gave it. */

import type { EntryDocument } from "../../record/documents/entry-document.ts";
import { type EntryFile, verifyEntryFile } from "../../record/entry-file.ts";
import type { Outcome } from "../../record/summary.ts";
import type { Effects } from "../cli/effects.ts";
import type { Client } from "../client/client.ts";
import { isClose } from "./closeness.ts";
import { verifyEnvelope } from "./envelope-verification.ts";
import { type Finding, type Verification, failed, findingOf, passed, skipped } from "./finding.ts";
import { treeOf } from "./known-logs.ts";
import { consistencyFinding } from "./log-consistency.ts";
import { trustLog } from "./log-trust.ts";
import type { StatementDownload } from "./statement-download.ts";
import { statementText } from "./statement-text.ts";

/** Where an entry comes from, and what its server says of it. */
export type Origin = ({ client: Client } & Pick<StatementDownload, "document" | "entry">) | null;

/** Checks an entry file; with its server at hand also what the log has become, and the server's own numbers. */
export async function verifyEntry(
  file: EntryFile,
  origin: Origin,
  effects: Pick<Effects, "env" | "now">,
): Promise<Verification> {
  const { finding, log, known } = trustLog(file.verifierKey, origin ? "server" : "file", effects);
  if (log === null) return verifyEnvelope(file.envelope, finding);
  const seen = known && treeOf(known);
  const entry = origin?.entry ?? null;
  const options = { log, seen, ...(entry && { entry }) };
  const { checks, statement, outcome, tree } = await verifyEntryFile(file, options);
  const made = checks.filter(({ name }) => name !== "consistency").map(findingOf);
  const offline = findingOf(checks.find(({ name }) => name === "consistency")!);
  const place = { tree, known, isJoined: file.consistency !== null, offline };
  const consistency = await consistencyFinding(origin && origin.client, log, place, effects);
  const summary = origin?.document ? [summaryFinding(origin.document, outcome)] : [];
  return {
    findings: [...made.slice(0, 4), ...summary, finding, ...made.slice(4), consistency],
    id: statement?.id ?? null,
    kind: statement?.kind ?? null,
    says: statement && statementText(statement),
    outcome,
  };
}

/** Does the server show what the counts give? */
function summaryFinding({ summary }: EntryDocument, outcome: Outcome | null): Finding {
  if (outcome === null) return skipped("summary", "Not reached: the counts do not stand.");
  const isSame = isClose(summary, outcome.summary);
  return isSame
    ? passed("summary", "The server shows what the counts give.")
    : failed("summary", "The server shows other numbers than the counts give.");
}
