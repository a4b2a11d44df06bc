/** @file What a folder keeps on its way to the board: commitment, challenge, submission, receipt. */

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { ChallengeDocument } from "../../record/answers/documents.ts";
import { FORMER } from "../../record/former-version.ts";
import { Receipt } from "../../record/log/log-proof.ts";
import { problemText } from "../../record/problem.ts";
import {
  Envelope,
  type OpenedEnvelope,
  isFormerVersion,
  openEnvelope,
} from "../../record/statement/envelope.ts";
import type { StatementKind } from "../../record/statement/statements.ts";
import { EXIT, UserError } from "../errors.ts";
import { readDocument, writeJsonAtomic } from "../files.ts";

/**
 * Statements are written before they are sent, so that a kill at any moment loses nothing and a retry sends the same bytes.
 * `entry` is the result that the folder reproduces; folders of one's own results have none.
 */
const FILES = {
  commitment: ["commitment.json", Envelope],
  challenge: ["challenge.json", ChallengeDocument],
  entry: ["entry.json", Envelope],
  submission: ["submission.json", Envelope],
  receipt: ["receipt.json", Receipt],
} as const satisfies Record<string, readonly [file: string, schema: z.ZodType]>;
export type StateName = keyof typeof FILES;
type State<Name extends StateName> = z.output<(typeof FILES)[Name][1]>;

export function statePath(folder: string, name: StateName): string {
  return join(folder, FILES[name][0]);
}

/** @throws UserError when the file is damaged; null when there is none. */
export function readState<Name extends StateName>(folder: string, name: Name): State<Name> | null {
  const path = statePath(folder, name);
  return readDocument(path, FILES[name][1]) as State<Name> | null;
}

export function hasState(folder: string, name: StateName): boolean {
  return existsSync(statePath(folder, name));
}

export function writeState<Name extends StateName>(
  folder: string,
  name: Name,
  value: State<Name>,
): void {
  writeJsonAtomic(statePath(folder, name), value);
}

export function removeState(folder: string, name: StateName): void {
  rmSync(statePath(folder, name), { force: true });
}

/**
 * Reads an envelope of the folder and verifies its signature.
 *
 * @throws UserError when the signature is not valid, or the statement is of another kind.
 */
export async function openState<Kind extends StatementKind>(
  folder: string,
  name: "commitment" | "entry" | "submission",
  ...kinds: Kind[]
): Promise<Extract<OpenedEnvelope, { kind: Kind }> | null> {
  const envelope = readState(folder, name);
  if (envelope === null) return null;
  const opened = await openEnvelope(envelope);
  if (opened.ok && (kinds as StatementKind[]).includes(opened.kind))
    return opened as Extract<OpenedEnvelope, { kind: Kind }>;
  if (isFormerVersion(opened))
    throw new UserError(`${statePath(folder, name)} is ${FORMER}.`, EXIT.verification);
  const what = opened.ok
    ? `it holds a ${opened.kind}`
    : opened.problems.map(problemText).join("; ");
  throw new UserError(
    `${statePath(folder, name)} is damaged or was edited: ${what}.`,
    EXIT.verification,
  );
}
