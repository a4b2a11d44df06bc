/** @file Does a dump's statement keep the rules that a server accepts by (trust.md section 4)? */

import { issued, problemText } from "../../record/entry-file.ts";
import { type Problem, RecordError } from "../../record/problem.ts";
import { findProtocol } from "../../record/protocols.ts";
import type { IssuedChallenge } from "../../record/statement/challenge.ts";
import {
  configurationProblems,
  harnessProblems,
  reproductionProblems,
  resultProblems,
} from "../../record/statement/result-problems.ts";
import type { Leaf } from "../append-leaf.ts";
import type { Transaction } from "../db.ts";
import { challengeIn, statementIn, statementOf } from "../index/leaf-body.ts";
import { findChallenge } from "../read/challenge-document.ts";
import { storedResult } from "../read/stored-result.ts";

/**
 * Null for one that keeps them. What stood elsewhere in the log when it was accepted (copied counts, a quarantined
 * protocol, a challenge run out) is not looked at again; what it names, its challenge and its entry, is.
 *
 * @param leaf whose bytes have been verified.
 */
export async function statementFault(tx: Transaction, leaf: Leaf): Promise<string | null> {
  try {
    const [problem] = await problemsOf(tx, leaf);
    return problem ? problemText([problem]) : null;
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return `a protocol that this version does not know: ${error.problems.join("; ")}`;
  }
}

async function problemsOf(tx: Transaction, leaf: Leaf): Promise<Problem[]> {
  if (leaf.kind === "challenge") return commitmentProblems(leaf);
  if (leaf.kind === "result") {
    const result = statementIn("result", leaf);
    const protocol = findProtocol(result.protocol);
    const challenge = await challengeOf(tx, result.challenge);
    return resultProblems(result, protocol, challenge);
  }
  if (leaf.kind !== "reproduction") return [];
  const reproduction = statementIn("reproduction", leaf);
  const protocol = findProtocol(reproduction.protocol);
  const entry = await storedResult(tx, reproduction.entry);
  if (entry === null) return []; // the index refuses it
  const challenge = await challengeOf(tx, reproduction.challenge);
  return reproductionProblems(reproduction, entry, protocol, challenge);
}

function commitmentProblems(leaf: Leaf): Problem[] {
  const { challenge, envelope } = challengeIn(leaf);
  const commitment = statementOf("commitment", envelope);
  const protocol = findProtocol(commitment.protocol);
  const { length } = challenge.seeds;
  const rule = `${protocol.freshSeeds} seeds`;
  return [
    ...configurationProblems(commitment, protocol),
    ...harnessProblems(commitment, ["harness"], protocol),
    ...(length === protocol.freshSeeds ? [] : [{ pointer: "/seeds", rule, found: `${length}` }]),
  ];
}

async function challengeOf(tx: Transaction, id: string | null): Promise<IssuedChallenge | null> {
  return id === null ? null : issued(await findChallenge(tx, id));
}
