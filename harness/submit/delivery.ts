/** @file Sends a folder's statement now, or leaves it in the queue when no server judges it. */

import { commandLine } from "../cli/command-line.ts";
import type { Effects } from "../cli/effects.ts";
import type { Client } from "../client/client.ts";
import { ServerRefusal, StrangeAnswer, Unreachable } from "../client/server-refusal.ts";
import { EXIT, UserError } from "../errors.ts";
import type { OutputFolder } from "../sweep/output-folder.ts";
import { hasState, removeState } from "./folder-state.ts";
import { dequeue, enqueue, serversWaitedFor, type Waiting } from "./queue.ts";
import type { NamedSigner } from "./signer.ts";
import { keptSubmission, sendSubmission, type Listed, type Submission } from "./submission.ts";

export type Delivery =
  /** `unqueued`: other servers that it waited for, and does no longer. */
  | ({ ok: true; folder: OutputFolder; unqueued: string[] } & Listed)
  /** It waits; `reason` says for what. */
  | { ok: false; folder: OutputFolder; reason: string };

/**
 * @param supersedes id of an entry of the same key that a result replaces; null: none.
 * @throws UserError for what waiting would not mend: a folder that cannot be submitted, a final refusal.
 */
export async function deliver(
  folder: OutputFolder,
  client: Client,
  signer: NamedSigner,
  supersedes: string | null,
  effects: Pick<Effects, "env">,
): Promise<Delivery> {
  const submission = await keptSubmission(folder, signer, supersedes);
  return deliverSubmission(folder, submission, client, signer, effects);
}

/** The same for what is signed already. */
export async function deliverSubmission(
  folder: OutputFolder,
  submission: Submission,
  client: Client,
  { name, unlock }: Pick<NamedSigner, "name" | "unlock">,
  effects: Pick<Effects, "env">,
): Promise<Delivery> {
  const waiting = { folder: folder.path, api: client.api, key: name };
  try {
    const listed = await sendSubmission(folder.path, submission, client, unlock);
    return { ok: true, folder, ...listed, unqueued: unqueue(waiting, effects) };
  } catch (error) {
    if (error instanceof ServerRefusal && error.isFinal) {
      takeBack(waiting, effects);
      throw refusalOf(folder, submission, error, effects);
    }
    if (!isUnjudged(error)) throw error;
    queue(waiting, error.message, effects);
    return { ok: false, folder, reason: error.message };
  }
}

/** Nobody answered, or nobody who can refuse a statement: what is signed stays as it is. */
function isUnjudged(error: unknown): error is UserError {
  return [Unreachable, StrangeAnswer, ServerRefusal].some((kind) => error instanceof kind);
}

/** What one server lists waits for no other: the queue is full of addresses that were wrong or are gone. */
function unqueue({ folder, api }: Waiting, effects: Pick<Effects, "env">): string[] {
  const servers = serversWaitedFor(folder, effects);
  for (const each of servers) dequeue({ folder, api: each }, effects);
  return servers.filter((each) => each !== api);
}

/** Nothing of it is stored, so it may be made otherwise; unless it is listed, or waits for another server. */
function takeBack(waiting: Waiting, effects: Pick<Effects, "env">): void {
  const { folder } = waiting;
  dequeue(waiting, effects);
  const isWanted = hasState(folder, "receipt") || serversWaitedFor(folder, effects).length > 0;
  if (!isWanted) removeState(folder, "submission");
}

/** Names the folder, and the command that shows what the pointers point into. */
function refusalOf(
  { path, configuration: { arch, regs } }: OutputFolder,
  { statement }: Submission,
  error: ServerRefusal,
  effects: Pick<Effects, "env">,
): UserError {
  const replaced = "supersedes" in statement ? statement.supersedes : null;
  const more = replaced === null ? "" : ` --supersedes ${replaced}`;
  const shown = commandLine(`submit ${path} --dry-run${more}`, effects);
  const lines = [
    `${arch} ${regs} in ${path}: ${error.message}`,
    ...(error.errors.length > 0 ? [`The statement that these point into: ${shown}`] : []),
  ];
  return new UserError(lines.join("\n"), error.exitCode, { cause: error });
}

/** @throws UserError when not even that works; the folder still keeps what was signed. */
function queue(waiting: Waiting, reason: string, effects: Pick<Effects, "env">): void {
  try {
    enqueue(waiting, effects);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const text = `It cannot be queued either: ${error.message} It is signed and kept; later, submit ${waiting.folder} again.`;
    throw new UserError(`${reason}\n${text}`, EXIT.network, { cause: error });
  }
}
