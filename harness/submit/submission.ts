/** @file From a trained folder to a listed statement: built, signed, kept, sent, acknowledged; safe to repeat. */

import { Receipt } from "../../record/log/log-entry.ts";
import { sealEnvelope } from "../../record/statement/envelope.ts";
import type { OpenedEnvelope } from "../../record/statement/opened-envelope.ts";
import type { ReproducedNumbers } from "../../record/statement/reproduction-verdict.ts";
import type { Reproduction } from "../../record/statement/reproduction.ts";
import type { Result } from "../../record/statement/result.ts";
import type { Client } from "../client/client.ts";
import { ensureRegistered } from "../client/registration.ts";
import { ServerRefusal } from "../client/server-refusal.ts";
import { EXIT, UserError } from "../errors.ts";
import type { OutputFolder } from "../sweep/output-folder.ts";
import { openState, readState, removeState, writeState } from "./folder-state.ts";
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
  const kept = await openState(folder.path, "submission", "result", "reproduction");
  if (kept !== null) {
    requireSame(folder.path, kept, signer.publicKey, supersedes);
    return kept;
  }
  const built = await buildStatement(folder, signer.publicKey, supersedes);
  const { seed } = await signer.unlock();
  const envelope =
    built.kind === "result"
      ? await sealEnvelope("result", built.statement, [seed])
      : await sealEnvelope("reproduction", built.statement, [seed]);
  writeState(folder.path, "submission", envelope);
  return (await openState(folder.path, "submission", "result", "reproduction"))!;
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
 * @throws ServerRefusal; after a final one the submission is taken back, as nothing of it is stored.
 */
export async function sendSubmission(
  folder: string,
  submission: Submission,
  client: Client,
  unlock: Signer["unlock"],
): Promise<Listed> {
  const { kind, id, envelope, statement } = submission;
  const route = kind === "result" ? "/v1/results" : "/v1/reproductions";
  const post = () => client.post(route, envelope, Receipt);
  try {
    const { status, answer } = await post().catch(async (error: unknown) => {
      if (!(error instanceof ServerRefusal && error.problem === "unknown-key")) throw error;
      await ensureRegistered(client, await unlock());
      return post();
    });
    if (answer.id !== id)
      throw new UserError(`${client.api} acknowledged another statement.`, EXIT.verification);
    writeState(folder, "receipt", answer);
    const entry = "entry" in statement ? statement.entry : id;
    return { id, address: `${client.api}/entries/${entry}`, before: status === 200 };
  } catch (error) {
    const isFinal = error instanceof ServerRefusal && !error.passes;
    if (isFinal && readState(folder, "receipt") === null) removeState(folder, "submission");
    throw error;
  }
}
