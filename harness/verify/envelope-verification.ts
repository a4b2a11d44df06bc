/** @file What one envelope alone tells, without its challenge and its place in the log. */

import { CHECKS, countsCheck } from "../../record/entry-file.ts";
import {
  type EnvelopeRefusal,
  type OpenedEnvelope,
  openEnvelope,
} from "../../record/statement/envelope.ts";
import { type Finding, type Verification, failed, findingOf, passed, skipped } from "./finding.ts";
import { publishedProtocol } from "./published-protocol.ts";
import { statementText } from "./statement-text.ts";

/** @param log what is known of its log, where that is worth a line. */
export async function verifyEnvelope(value: unknown, log?: Finding): Promise<Verification> {
  const opened = await openEnvelope(value);
  if (!opened.ok) return unopened(opened);
  const { kind, id } = opened;
  const isMeasured = kind === "result" || kind === "reproduction";
  const { check, outcome } = isMeasured
    ? countsCheck(opened, null, publishedProtocol(opened.statement.protocol), null)
    : { check: null, outcome: null };
  const missing = CHECKS.slice(isMeasured || kind === "commitment" ? 3 : 4).map((name) =>
    skipped(name, "The file holds only the statement."),
  );
  const findings = [
    ...openedFindings(opened),
    ...(check ? [findingOf(check)] : []),
    ...(log ? [log] : missing),
  ];
  return { findings, id, kind, says: statementText(opened), outcome };
}

export function openedFindings({ kind, envelope }: OpenedEnvelope): Finding[] {
  const signers = envelope.signatures.map(({ keyid }) => keyid).join(" and ");
  const what = kind === "key" ? "key statement" : kind;
  return [
    passed("signature", `Signed by ${signers}.`),
    passed("schema", `A ${what}, complete, with nothing beside it.`),
  ];
}

/** Nothing further can be said of it. */
export function unopened({ fault, problems }: EnvelopeRefusal): Verification {
  const text = problems
    .map(({ pointer, rule, found }) => `${pointer || "(top)"}: ${rule} (found ${found})`)
    .join("; ");
  const name = fault === "signature" ? "signature" : "schema";
  return { findings: [failed(name, text)], id: null, kind: null, says: null, outcome: null };
}
