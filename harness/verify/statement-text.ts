/** @file What a statement says, in one sentence for a person; null where its numbers say it. */

import type { ChallengeDocument } from "../../record/documents/entry-document.ts";
import type { Commitment, KeyStatement } from "../../record/statement/statements.ts";
import type { OpenedEnvelope } from "../../record/statement/envelope.ts";
import { publishedProtocol } from "./published-protocol.ts";

export function statementText(opened: OpenedEnvelope): string | null {
  switch (opened.kind) {
    case "result":
      return opened.statement.supersedes && `It replaces entry ${opened.statement.supersedes}.`;
    case "reproduction":
      return `It measures entry ${opened.statement.entry} again, and says: ${opened.statement.verdict}.`;
    case "retraction":
      return `It takes back ${opened.statement.statement}: ${opened.statement.reason}`;
    case "moderation": {
      const { action, subject, reason, at } = opened.statement;
      return `It decides on ${subject} at ${at}, ${action}: ${reason}`;
    }
    case "key":
      return keyText(opened.statement);
    case "commitment":
      return commitmentText(opened.statement);
  }
}

/** How a challenge ended, as far as its server says. */
export function outcomeText({ challenge, outcome }: ChallengeDocument): string {
  if (outcome === null) return `Its challenge is open until ${challenge.expiresAt}.`;
  const { at, statement, reason } = outcome;
  if (outcome.outcome === "expired") return `Its challenge expired at ${at}.`;
  if (outcome.outcome === "completed")
    return `Its challenge was completed at ${at} by ${statement}.`;
  return `Its challenge was given up at ${at} by ${statement}: ${reason}`;
}

function keyText(statement: KeyStatement): string {
  const { action, key, at } = statement;
  if (action === "register") return `It registers key ${key}, at ${at}.`;
  if (action === "rotate") return `It replaces key ${key} by ${statement.next}, at ${at}.`;
  if (action === "revoke")
    return `It revokes key ${key} from ${statement.from} on: ${statement.reason}`;
  return `It sets or removes the display name of key ${key}, at ${at}.`;
}

function commitmentText({ arch, regs, protocol, reproduces }: Commitment): string {
  const name = publishedProtocol(protocol)?.name ?? protocol;
  const about = reproduces === null ? "" : `, to reproduce entry ${reproduces}`;
  return `It commits to ${arch} ${regs} on ${name}${about}.`;
}
