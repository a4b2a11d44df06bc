/** @file Checks of what is signed and logged but measures nothing: challenges, retractions, decisions, keys. */

import { canonicalDigest } from "../../record/canonical-json.ts";
import type { StatementFile } from "../../record/documents/entry-document.ts";
import { consistencyCheck, inclusionCheck } from "../../record/entry-file.ts";
import type { LogEntry } from "../../record/log/log-proof.ts";
import { type Opened, type OpenedEnvelope, openEnvelope } from "../../record/statement/envelope.ts";
import type { Effects } from "../cli/effects.ts";
import type { Client } from "../client/client.ts";
import { isAnswerTo } from "../submit/challenge-answer.ts";
import { openedFindings, unopened, verifyEnvelope } from "./envelope-verification.ts";
import { type Finding, type Verification, failed, findingOf, passed } from "./finding.ts";
import { treeOf } from "./known-logs.ts";
import { consistencyFinding } from "./log-consistency.ts";
import { trustLog } from "./log-trust.ts";
import { publishedProtocol } from "./published-protocol.ts";
import { type Unmeasured, rightFinding } from "./right-to-say.ts";
import { outcomeText, statementText } from "./statement-text.ts";

/** @param client of the file's server; null without a network. */
export async function verifyStatement(
  file: StatementFile,
  client: Client | null,
  effects: Pick<Effects, "env" | "now">,
): Promise<Verification> {
  const { finding, log, known } = trustLog(file.verifierKey, client ? "server" : "file", effects);
  if (log === null) return verifyEnvelope(file.envelope, finding);
  const opened = await openEnvelope(file.envelope);
  if (!opened.ok) return unopened(opened);
  if (opened.kind === "result" || opened.kind === "reproduction") return misplaced(opened);
  const challenge = challengeFindings(opened, file);
  const leaf = leafOf(opened, file);
  const { check, tree } = await inclusionCheck(leaf, file.proof, log);
  const seen = known && treeOf(known);
  const offline = findingOf(await consistencyCheck(tree ?? NO_TREE, seen, file.consistency, log));
  const place = { tree, known, isJoined: file.consistency !== null, offline };
  const consistency = await consistencyFinding(client, log, place, effects);
  const right = await rightFinding(opened, client);
  const logged = [finding, findingOf(check), consistency];
  const { kind } = leaf;
  return {
    findings: [...openedFindings(opened), ...challenge, ...right, ...logged],
    id: kind === "outcome" ? leaf.digest : opened.id,
    kind,
    says: [statementText(opened), file.challenge && outcomeText(file.challenge)]
      .filter(Boolean)
      .join(" "),
    outcome: null,
  };
}

/** Its check is not looked at: there is no tree then. */
const NO_TREE = { size: 0, root: new Uint8Array() };

/** A measurement has counts and seeds to check, for which the other kind of file has a place. */
function misplaced({ kind }: OpenedEnvelope): Verification {
  const text = `A ${kind} stands in an entry file; export it again.`;
  const nothing = { id: null, kind: null, says: null, outcome: null };
  return { findings: [failed("schema", text)], ...nothing };
}

/** What the log holds of it: of a commitment its challenge, or how that ended, as the server wrote it. */
function leafOf({ kind, id }: Unmeasured, { challenge, proof }: StatementFile): LogEntry {
  if (kind !== "commitment") return { kind, digest: id };
  const ended = proof.entry.kind === "outcome" ? challenge?.outcome : null;
  return ended
    ? { kind: "outcome", digest: canonicalDigest(ended) }
    : { kind: "challenge", digest: canonicalDigest(challenge?.challenge ?? null) };
}

function challengeFindings(opened: Unmeasured, { challenge }: StatementFile): Finding[] {
  const isCommitment = opened.kind === "commitment";
  if (challenge === null)
    return isCommitment ? [failed("challenge", "The challenge that answers it is missing.")] : [];
  if (!isCommitment) return [failed("challenge", "It names none, but there is one beside it.")];
  return [challengeFinding(opened, challenge)];
}

function challengeFinding(
  commitment: Opened<"commitment">,
  document: NonNullable<StatementFile["challenge"]>,
): Finding {
  const { challenge, outcome } = document;
  const { protocol } = commitment.statement;
  const count = publishedProtocol(protocol)?.freshSeeds ?? challenge.seeds.length;
  if (!isAnswerTo(commitment, document, count))
    return failed("challenge", "It does not follow from this commitment and its own nonce.");
  if (outcome !== null && outcome.challenge !== challenge.id)
    return failed("challenge", "The outcome is another challenge's.");
  return passed("challenge", `${count} fresh seeds follow from the commitment and the nonce.`);
}
