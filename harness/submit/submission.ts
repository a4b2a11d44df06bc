/** @file From a trained folder to a listed statement: built, signed, kept, sent, acknowledged; safe to repeat. */

import { type OpenedEnvelope, sealEnvelope } from "../../record/statement/envelope.ts";
import type { ReproducedNumbers } from "../../record/statement/result-problems.ts";
import type { Reproduction, Result } from "../../record/statement/statements.ts";
import { postStatement } from "../client/acknowledgement.ts";
import type { Client } from "../client/client.ts";
import { ensureRegistered } from "../client/registration.ts";
import { ServerRefusal } from "../client/server-refusal.ts";
import { UserError } from "../errors.ts";
import type { OutputFolder } from "../sweep/output-folder.ts";
import { openState, readState, writeState } from "./folder-state.ts";
import { reproductionFromFolder } from "./reproduction-statement.ts";
import { resultFromFolder } from "./result-statement.ts";
import type { Signer } from "./signer.ts";

export type Built =
  | { kind: "result"; statement: Result; numbers: null }
  | { kind: "reproduction"; statement: Reproduction; numbers: ReproducedNumbers[] };

/** As signed and kept. */
export type Submission = Extract<OpenedEnvelope, { kind: "result" | "reproduction" }>;

export interface Listed {
  id: string;
  /** Of the entry: for a reproduction, the entry that it is about. */
  address: string;
  /** Was the same statement there before? */
  before: boolean;
}

/** The folder's statement: a reproduction where the folder keeps an entry, else a result. */
export async function buildStatement(
  folder: OutputFolder,
  key: string,
  supersedes: string | null,
): Promise<Built> {
  const challenge = readState(folder.path, "challenge");
  const entry = await openState(folder.path, "entry", "result");
  if (entry === null) {
    const statement = await resultFromFolder(folder, { key, challenge, supersedes });
    return { kind: "result", statement, numbers: null };
  }
  if (challenge === null)
    throw new UserError(`${folder.path} has no challenge. Take one: rademark repro ${entry.id}`);
  const { reproduction, numbers } = await reproductionFromFolder(folder, {
    key,
    challenge,
    entry: { id: entry.id, result: entry.statement },
  });
  return { kind: "reproduction", statement: reproduction, numbers };
}

/**
 * The folder's signed statement; once written it is never another, so that sending again sends the same bytes.
 *
 * @throws UserError when it is signed by another key, or replaces another entry, than asked for.
 */
export async function keptSubmission(
  folder: OutputFolder,
  signer: Signer,
  supersedes: string | null,
): Promise<Submission> {
  const kept = await alreadySigned(folder, signer.publicKey, supersedes);
  if (kept !== null) return kept;
  const built = await buildStatement(folder, signer.publicKey, supersedes);
  const { seed } = await signer.unlock();
  const envelope =
    built.kind === "result"
      ? await sealEnvelope("result", built.statement, [seed])
      : await sealEnvelope("reproduction", built.statement, [seed]);
  writeState(folder.path, "submission", envelope);
  return (await openState(folder.path, "submission", "result", "reproduction"))!;
}

/** Exactly what submitting would send: the statement that is kept, else the one that would be signed. */
export async function statementToSend(
  folder: OutputFolder,
  key: string,
  supersedes: string | null,
): Promise<Pick<Built, "kind" | "statement">> {
  const kept = await alreadySigned(folder, key, supersedes);
  return kept ?? buildStatement(folder, key, supersedes);
}

async function alreadySigned(
  { path }: OutputFolder,
  key: string,
  supersedes: string | null,
): Promise<Submission | null> {
  const kept = await openState(path, "submission", "result", "reproduction");
  if (kept !== null) requireSame(path, kept, key, supersedes);
  return kept;
}

function requireSame(
  path: string,
  { kind, statement }: Submission,
  key: string,
  supersedes: string | null,
): void {
  if (statement.key !== key)
    throw new UserError(
      `${path} was signed by key ${statement.key} already, not by ${key}. Add --key NAME of that one.`,
    );
  if (supersedes !== null && kind === "result" && statement.supersedes !== supersedes)
    throw new UserError(
      `${path} was signed already, replacing ${statement.supersedes ?? "no entry"}. A signed statement is not changed.`,
    );
}

/**
 * Sends a kept submission and keeps its receipt. The same again changes nothing.
 *
 * @throws ServerRefusal of the statement itself; a key that cannot be registered is a UserError only.
 */
export async function sendSubmission(
  folder: string,
  { kind, id, envelope, statement }: Submission,
  client: Client,
  unlock: Signer["unlock"],
): Promise<Listed> {
  const route = kind === "result" ? "/v1/results" : "/v1/reproductions";
  const post = () => postStatement(client, route, envelope);
  const { receipt, before } = await post().catch(async (error: unknown) => {
    if (!(error instanceof ServerRefusal && error.problem === "unknown-key")) throw error;
    await register(client, unlock);
    return post();
  });
  writeState(folder, "receipt", receipt);
  const entry = "entry" in statement ? statement.entry : id;
  return { id, address: `${client.api}/entries/${entry}`, before };
}

/** What is refused of a key, such as its display name, says nothing about the statement. */
async function register(client: Client, unlock: Signer["unlock"]): Promise<void> {
  try {
    await ensureRegistered(client, await unlock());
  } catch (error) {
    if (!(error instanceof ServerRefusal)) throw error;
    throw new UserError(error.message, error.exitCode, { cause: error });
  }
}
