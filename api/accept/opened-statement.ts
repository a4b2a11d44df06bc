/** @file An envelope from outside: opened, or refused by the name of what is wrong with it. */

import type { ProblemName } from "../../record/documents/problem-document.ts";
import {
  type EnvelopeRefusal,
  type Opened,
  openEnvelope,
} from "../../record/statement/envelope.ts";
import type { StatementKind } from "../../record/statement/statements.ts";
import { Refusal } from "../problem.ts";

const FAULTS: Record<EnvelopeRefusal["fault"], [ProblemName, string]> = {
  envelope: ["malformed-envelope", "No DSSE envelope of a known payload type stands here."],
  signature: ["bad-signature", "The statement is not signed by whom it speaks for."],
  payload: [
    "malformed-statement",
    "The signature holds; the statement below it breaks its schema.",
  ],
};

/**
 * @param value as the strict reader read it.
 * @param within pointer to the envelope in the body; pointers of `malformed-statement` go into the statement.
 * @throws Refusal
 */
export async function openStatement<Kind extends StatementKind>(
  kind: Kind,
  value: unknown,
  within = "",
): Promise<Opened<Kind>> {
  const opened = await openEnvelope(value);
  if (!opened.ok) {
    const [problem, detail] = FAULTS[opened.fault];
    const prefix = opened.fault === "payload" ? "" : within;
    const errors = opened.problems.map((each) => ({ ...each, pointer: prefix + each.pointer }));
    throw new Refusal(problem, detail, errors);
  }
  if (opened.kind !== kind)
    throw new Refusal("wrong-statement", `This address takes a ${kind}, not a ${opened.kind}.`, [
      { pointer: `${within}/payloadType`, rule: `that of a ${kind}`, found: opened.kind },
    ]);
  return opened as unknown as Opened<Kind>;
}
