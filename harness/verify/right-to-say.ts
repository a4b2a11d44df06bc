/** @file May the signer say this? Checked as far as it can be from here. */

import { StatementDocument } from "../../record/documents/entry-document.ts";
import { type OpenedEnvelope, openEnvelope } from "../../record/statement/envelope.ts";
import type { Retraction } from "../../record/statement/statements.ts";
import type { Client } from "../client/client.ts";
import { type Finding, failed, passed, skipped } from "./finding.ts";
import { statementPath } from "./statement-download.ts";

/** Neither a result nor a reproduction. */
export type Unmeasured = Exclude<OpenedEnvelope, { kind: "result" | "reproduction" }>;

/** None for what every key may say. @param client null without a network. */
export async function rightFinding(opened: Unmeasured, client: Client | null): Promise<Finding[]> {
  if (opened.kind === "moderation")
    return [skipped("right", "Only the server knows which keys are its operators'.")];
  if (opened.kind !== "retraction") return [];
  if (client === null)
    return [skipped("right", "Whether it takes back a statement of the same key: give the id.")];
  return [await retractionFinding(opened.statement, client)];
}

async function retractionFinding({ statement, key }: Retraction, client: Client): Promise<Finding> {
  const given = await client.get(statementPath(statement), StatementDocument);
  const subject = await openEnvelope(given.envelope);
  if (!subject.ok || subject.id !== statement)
    return failed("right", `The server gave something else for ${statement}.`);
  if (subject.statement.key === key)
    return passed("right", `The ${subject.kind} that it takes back is signed by the same key.`);
  const text = `The ${subject.kind} is signed by key ${subject.statement.key}, which this one must have replaced.`;
  return skipped("right", text);
}
