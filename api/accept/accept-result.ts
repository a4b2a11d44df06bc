/** @file A result, held against everything in trust.md section 4, becomes an entry. */

import { eq } from "drizzle-orm";
import { decisionsOn, isSameHolder } from "../../db/project/standings.ts";
import { entries, keys } from "../../db/schema.ts";
import { FORMER, isFormerProtocol } from "../../record/former-version.ts";
import type { Receipt } from "../../record/log/log-proof.ts";
import { type Problem, RecordError } from "../../record/problem.ts";
import type { CustomCode } from "../../record/custom-code.ts";
import type { Commitment, Measurement, Result } from "../../record/statement/statements.ts";
import {
  type ReproductionRule,
  codeOf,
  configurationProblems,
  reproductionProblems,
  resultProblems,
} from "../../record/statement/result-problems.ts";
import { Refusal, errorAt } from "../problem-answer.ts";
import {
  type Accept,
  type Acceptance,
  type Accepted,
  acceptOnce,
  appendOutcome,
} from "./acceptance.ts";
import { BARRED, copiedRuns, storedResult } from "../../db/project/leaf-body.ts";
import { findChallenge } from "../../db/read/challenge-document.ts";
import { type IssuedChallenge, issuedChallenge } from "../../record/statement/challenge.ts";
import { takenNames } from "../../db/project/custom-sources.ts";
import { expireChallenges } from "./expire-challenges.ts";
import type { ProblemName } from "../../record/answers/problem-document.ts";
import { type Protocol, findProtocol, protocols } from "../../record/protocols.ts";

export const acceptResult: Accept<"result", Receipt> = async (acceptance, opened) => {
  const { statement } = opened;
  const accepted = await acceptOnce(acceptance, opened, async () => {
    await knownKey(acceptance, statement);
    const protocol = await openProtocol(acceptance, { ...statement, ...codeOf(statement) });
    const challenge = await openChallenge(acceptance, statement);
    refuseMeasurement(resultProblems(statement, protocol, challenge));
    await checkSuperseded(acceptance, statement);
    await refuseTakenNames(acceptance, statement, codeOf(statement));
    await refuseCopies(acceptance, "result", statement);
  });
  await completeChallenge(acceptance, statement, accepted);
  return accepted;
};

/** An entry of the same holder and configuration. */
async function checkSuperseded({ tx }: Acceptance, result: Result): Promise<void> {
  const { supersedes } = result;
  if (supersedes === null) return;
  const [earlier] = await tx.select().from(entries).where(eq(entries.id, supersedes));
  if (!earlier)
    throw new Refusal("unknown-statement", "It replaces an entry that is not here.", [
      errorAt(result, ["supersedes"], "the id of an entry, or null"),
    ]);
  if (!(await isSameHolder(tx, earlier.key, result.key)))
    throw new Refusal("not-the-signer", "It replaces an entry of another key.", [
      errorAt(result, ["supersedes"], "an entry of the same key"),
    ]);
  const differing = (["protocol", "arch", "regs"] as const).filter(
    (name) => earlier[name] !== result[name],
  );
  if (differing.length > 0)
    throw new Refusal(
      "unknown-statement",
      "It replaces an entry of another configuration.",
      differing.map((name) => errorAt(result, [name], `${earlier[name]}, as of the entry`)),
    );
}

/** Keys speak once they are registered, and until they are revoked or replaced. */
type KnownKey = typeof keys.$inferSelect;

/** @throws Refusal `unknown-key` or `revoked-key`. */
export async function knownKey(
  { tx, at }: Acceptance,
  statement: { key: string },
): Promise<KnownKey> {
  const [known] = await tx.select().from(keys).where(eq(keys.key, statement.key));
  if (!known)
    throw new Refusal("unknown-key", "Register the key first.", [
      errorAt(statement, ["key"], "a registered key"),
    ]);
  const { revokedFrom, next } = known;
  if (revokedFrom === null || revokedFrom > at) return known;
  const since = revokedFrom.toISOString();
  const detail = next ? `It was replaced by ${next} on ${since}.` : `It was revoked from ${since}.`;
  throw new Refusal("revoked-key", detail, [errorAt(statement, ["key"], "a key in use")]);
}

type Configured = Pick<Commitment, "protocol" | "arch" | "regs" | keyof CustomCode>;

/**
 * @throws Refusal `unknown-protocol`, for a quarantined one as well, or `malformed-statement` for a configuration
 * that is not taken, or not canonical.
 */
export async function openProtocol({ tx }: Acceptance, statement: Configured): Promise<Protocol> {
  const protocol = publishedProtocol(statement);
  const { quarantine } = (await decisionsOn(tx, [statement.protocol]))(statement.protocol);
  if (quarantine !== null)
    throw new Refusal("unknown-protocol", `It is quarantined: ${quarantine}`, [
      errorAt(statement, ["protocol"], "a protocol that is not quarantined"),
    ]);
  const problems = configurationProblems(statement, protocol);
  if (problems.length === 0) return protocol;
  throw new Refusal(
    "malformed-statement",
    "The configuration is none that is taken, or is not written canonically.",
    problems,
  );
}

function publishedProtocol(statement: Configured): Protocol {
  try {
    return findProtocol(statement.protocol);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    if (isFormerProtocol(statement.protocol))
      throw new Refusal("unknown-protocol", `The statement is ${FORMER}.`, [
        errorAt(statement, ["protocol"], "a protocol of this version"),
      ]);
    const rule = `the id of one of ${Object.keys(protocols).join(", ")}`;
    throw new Refusal("unknown-protocol", "This server has no board for it.", [
      errorAt(statement, ["protocol"], rule),
    ]);
  }
}

/**
 * Eight digits of a digest can be made to collide, so a name stands for one source alone (trust.md section 2).
 *
 * @throws Refusal `taken-name`
 */
export async function refuseTakenNames(
  { tx, at }: Acceptance,
  statement: Measurement | Commitment,
  code: CustomCode,
): Promise<void> {
  const { arch, regs } = statement;
  const taken = await takenNames(tx, { arch, regs, ...code }, at);
  if (taken.length === 0) return;
  throw new Refusal(
    "taken-name",
    "Another source has the name here.",
    taken.map(({ member, name, digest, until }) => ({
      pointer: `/${member}`,
      rule:
        until === null
          ? `the source that ${name} stands for here, with SHA-256 ${digest}`
          : `the source that an open challenge commits to as ${name}, with SHA-256 ${digest}, until ${until.toISOString()}`,
      found: `SHA-256 ${code[member]}`,
    })),
  );
}

/**
 * The challenge that the statement names, still open; null when it names none, or one never issued, or another
 * key's (which is refused as a foreign one, whether it is over or not).
 *
 * @throws Refusal `stale-challenge`.
 */
async function openChallenge(
  { tx, deployment, at }: Acceptance,
  statement: Measurement,
): Promise<IssuedChallenge | null> {
  const found = statement.challenge && (await findChallenge(tx, statement.challenge));
  if (!found) return null;
  const { challenge, commitment, outcome } = found;
  const issued = issuedChallenge(found);
  if (commitment.key !== statement.key) return issued;
  const isLate = outcome === null && new Date(challenge.expiresAt) <= at;
  if (isLate) deployment.after(() => expireChallenges(deployment)); // this transaction is about to be rolled back
  if (outcome === null && !isLate) return issued;
  const ended = outcome?.outcome ?? `expired on ${challenge.expiresAt}`;
  throw new Refusal("stale-challenge", `Its challenge is over: ${ended}.`, [
    errorAt(statement, ["challenge"], "an open challenge"),
  ]);
}

/** @throws Refusal `copied-counts`, naming a statement that the counts were taken from. */
async function refuseCopies(
  { tx }: Acceptance,
  kind: keyof typeof BARRED,
  statement: Measurement,
): Promise<void> {
  const copies = await copiedRuns(tx, statement, BARRED[kind]);
  if (copies.length === 0) return;
  throw new Refusal(
    "copied-counts",
    "Its runs have counts that another statement lists under another configuration or seed.",
    copies.slice(0, MOST).map(({ pointer, original }) => ({
      pointer,
      rule: "counts that no other statement lists otherwise",
      found: `those of a run of ${original}`,
    })),
  );
}

/** The challenge is over once a statement that meets it is in the log. */
async function completeChallenge(
  acceptance: Acceptance,
  { challenge }: Measurement,
  { isNew, answer }: Accepted<{ id: string }>,
): Promise<void> {
  if (!isNew || challenge === null) return;
  const outcome = { outcome: "completed", statement: answer.id, reason: null } as const;
  await appendOutcome(acceptance, { challenge, ...outcome });
}

/**
 * The problem, with its detail, that a statement is refused with if it breaks one of these rules. Where several are
 * broken, the first in this list names the refusal; all broken rules are reported.
 */
const REFUSALS: readonly [ProblemName, rules: readonly ReproductionRule[], detail: string][] = [
  [
    "unknown-challenge",
    ["issued-challenge", "own-challenge"],
    "It names no challenge that was issued here.",
  ],
  [
    "foreign-challenge",
    ["challenge-purpose", "commitment"],
    "Its challenge answers another commitment.",
  ],
  ["old-harness", ["harness-version"], "Run it again with a newer version."],
  [
    "wrong-reproduction",
    ["entry", "entry-configuration", "verdict"],
    "It does not reproduce what the entry ran, or does not say what its numbers say.",
  ],
  [
    "wrong-seeds",
    ["panel-seeds", "fresh-seeds"],
    "Runs belong to the panel's seeds and the challenge's, each once and in their order.",
  ],
  ["copied-counts", ["own-counts"], "Two of its runs have the same counts."],
];

const MOST = 20;

/** @throws Refusal when there are any problems; rules that `REFUSALS` does not list are those of counts. */
export function refuseMeasurement(problems: readonly Problem<ReproductionRule>[]): void {
  if (problems.length === 0) return;
  const refusal = REFUSALS.find(([, rules]) => problems.some(({ code }) => rules.includes(code)));
  const [name, , detail] = refusal ?? ["impossible-counts", null, "Some counts cannot be."];
  throw new Refusal(name, detail, problems.slice(0, MOST));
}

/** The entry's own key may do this too: it is labelled as such, and does not change the entry's state. */
export const acceptReproduction: Accept<"reproduction", Receipt> = async (acceptance, opened) => {
  const { statement } = opened;
  const accepted = await acceptOnce(acceptance, opened, async () => {
    await knownKey(acceptance, statement);
    const protocol = await openProtocol(acceptance, { ...statement, ...codeOf(statement) });
    const entry = await storedResult(acceptance.tx, statement.entry);
    if (!entry)
      throw new Refusal("unknown-statement", "The entry to be reproduced is not here.", [
        errorAt(statement, ["entry"], "the id of an entry"),
      ]);
    const challenge = await openChallenge(acceptance, statement);
    refuseMeasurement(reproductionProblems(statement, entry, protocol, challenge));
    await refuseCopies(acceptance, "reproduction", statement);
  });
  await completeChallenge(acceptance, statement, accepted);
  return accepted;
};
