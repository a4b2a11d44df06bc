/** @file Are the runs whole runs of the protocol? What they come to is computed here, not read. */

import type { ChallengeDocument } from "../documents/challenge-document.ts";
import { outcome, type Outcome } from "../outcome.ts";
import type { Problem } from "../problem.ts";
import type { Protocol } from "../protocol.ts";
import { protocolId } from "../protocols.ts";
import type { Measurement } from "../statement/measurement.ts";
import type { OpenedEnvelope } from "../statement/opened-envelope.ts";
import { reproductionProblems } from "../statement/reproduction-problems.ts";
import type { Result } from "../statement/result.ts";
import { measurementProblems } from "../statement/result-problems.ts";
import { issued, seedProblems } from "./challenge-check.ts";
import { failed, passed, problemText, type Check } from "./check.ts";

type Filed = Extract<OpenedEnvelope, { kind: "result" | "reproduction" }>;

/** Null for one that is not known. */
export function protocolOf(
  statement: Measurement,
  protocols: readonly Protocol[],
): Protocol | null {
  return protocols.find((protocol) => protocolId(protocol) === statement.protocol) ?? null;
}

/** @param entry what a reproduction is about, where the reader has it; its verdict is recomputed then. */
export function countsCheck(
  filed: Filed,
  challenge: ChallengeDocument | null,
  protocol: Protocol | null,
  entry: { id: string; result: Result } | null,
): { check: Check; outcome: Outcome | null } {
  const { statement } = filed;
  const failure = (text: string) => ({ check: failed("counts", text), outcome: null });
  if (protocol === null) return failure(`Protocol ${statement.protocol} is not known here.`);
  const problems = allProblems(filed, challenge, protocol, entry);
  const [first, ...rest] = [...statement.panel, ...statement.fresh];
  if (problems.length > 0) return failure(problemText(problems));
  if (!first) return failure("There are no runs.");
  const isOpen = filed.kind === "reproduction" && entry === null;
  const text =
    `${1 + rest.length} whole runs of ${protocol.name}; every aggregate is recomputed` +
    (isOpen ? ", but for the verdict, which the entry's own file is needed for." : ".");
  return { check: passed("counts", text), outcome: outcome([first, ...rest], protocol) };
}

/** Without those that the challenge's check reports. */
function allProblems(
  filed: Filed,
  challenge: ChallengeDocument | null,
  protocol: Protocol,
  entry: { id: string; result: Result } | null,
): Problem[] {
  const { statement } = filed;
  const reproduces = filed.kind === "reproduction" ? filed.statement.entry : null;
  const problems =
    filed.kind === "reproduction" && entry !== null
      ? reproductionProblems(filed.statement, entry, protocol, issued(challenge))
      : measurementProblems(statement, protocol, issued(challenge), reproduces);
  const text = (problem: Problem) => problemText([problem]);
  const ofSeeds = new Set(seedProblems({ statement, reproduces }, challenge, protocol).map(text));
  return problems.filter((problem) => !ofSeeds.has(text(problem)));
}
