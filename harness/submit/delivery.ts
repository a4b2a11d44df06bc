/** @file Sends a folder's statement now, or leaves it in the queue when nobody answers. */

import type { Effects } from "../cli/effects.ts";
import type { Client } from "../client/client.ts";
import { ServerRefusal, Unreachable } from "../client/server-refusal.ts";
import { EXIT, UserError } from "../errors.ts";
import type { OutputFolder } from "../sweep/output-folder.ts";
import { openFolder } from "../sweep/output-folder.ts";
import { openState } from "./folder-state.ts";
import { dequeue, enqueue, listQueue, type Waiting } from "./queue.ts";
import { signerNamed, type NamedSigner } from "./signer.ts";
import { keptSubmission, sendSubmission, type Listed, type Submission } from "./submission.ts";

export type Delivery =
  | ({ ok: true; folder: OutputFolder } & Listed)
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
  return send(folder, submission, client, signer, effects);
}

async function send(
  folder: OutputFolder,
  submission: Submission,
  client: Client,
  { name, unlock }: Pick<NamedSigner, "name" | "unlock">,
  effects: Pick<Effects, "env">,
): Promise<Delivery> {
  const waiting = { folder: folder.path, api: client.api, key: name };
  try {
    const listed = await sendSubmission(folder.path, submission, client, unlock);
    dequeue(waiting, effects);
    return { ok: true, folder, ...listed };
  } catch (error) {
    const waits = error instanceof Unreachable || (error instanceof ServerRefusal && error.passes);
    if (!waits) dequeue(waiting, effects);
    if (!waits) throw error;
    queue(waiting, error.message, effects);
    return { ok: false, folder, reason: error.message };
  }
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

/**
 * Sends all that waits, to the servers it waits for. One that is refused leaves the queue; the others go on.
 *
 * @param clientOf a server's address.
 */
export async function deliverQueue(
  clientOf: (api: string) => Client,
  effects: Pick<Effects, "env" | "askSecret">,
): Promise<{ deliveries: Delivery[]; refusals: UserError[] }> {
  const deliveries: Delivery[] = [];
  const refusals: UserError[] = [];
  for (const waiting of listQueue(effects))
    try {
      const folder = openFolder(waiting.folder);
      const submission = await openState(folder.path, "submission", "result", "reproduction");
      if (submission === null) throw new UserError(`${folder.path} has no submission any more.`);
      const unlock = () => signerNamed(waiting.key, effects).unlock();
      const client = clientOf(waiting.api);
      const sender = { name: waiting.key, unlock };
      deliveries.push(await send(folder, submission, client, sender, effects));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      dequeue(waiting, effects);
      refusals.push(error);
    }
  return { deliveries, refusals };
}
