/** @file Sends all that waits. Only what a server lists or refuses for good leaves the queue. */

import type { Effects } from "../cli/effects.ts";
import type { Client } from "../client/client.ts";
import { EXIT, UserError } from "../errors.ts";
import { openFolder } from "../sweep/output-folder.ts";
import { deliverSubmission, type Delivery } from "./delivery.ts";
import { openState } from "./folder-state.ts";
import { dequeue, isQueued, listQueue, type Waiting, waitingPath } from "./queue.ts";
import { createKeyring, type Keyring } from "./signer.ts";

/** Hears of each as it happens, so that what was done is known whatever happens after it. */
export interface DeliveryListener {
  onDelivery(delivery: Delivery): void;
  onRefusal(refusal: UserError): void;
}

/**
 * One that fails leaves the others alone.
 *
 * @param clientOf a server's address.
 * @returns how many waited.
 * @throws UserError at Ctrl-C: what is not sent yet still waits.
 */
export async function deliverQueue(
  clientOf: (api: string) => Client,
  listener: DeliveryListener,
  effects: Pick<Effects, "env" | "askSecret">,
): Promise<number> {
  const keyring = createKeyring(effects);
  const queue = listQueue(effects);
  for (const waiting of queue)
    try {
      const client = clientOf(waiting.api);
      listener.onDelivery(await deliverWaiting(waiting, client, keyring, effects));
    } catch (error) {
      if (!(error instanceof UserError) || error.exitCode === EXIT.interrupted) throw error;
      listener.onRefusal(
        isQueued(waiting, effects) ? stillWaiting(waiting, error, effects) : error,
      );
    }
  return queue.length;
}

async function deliverWaiting(
  waiting: Waiting,
  client: Client,
  keyring: Keyring,
  effects: Pick<Effects, "env">,
): Promise<Delivery> {
  const folder = openFolder(waiting.folder);
  const submission = await openState(folder.path, "submission", "result", "reproduction");
  if (submission === null) {
    dequeue(waiting, effects);
    throw new UserError(`${folder.path} has no submission any more, so it waits no longer.`);
  }
  // By what it signed: a key that was rotated since has another name.
  const unlock = async () => keyring.of(folder.path, null).unlock();
  return deliverSubmission(folder, submission, client, { name: waiting.key, unlock }, effects);
}

function stillWaiting(
  waiting: Waiting,
  { message, exitCode }: UserError,
  effects: Pick<Effects, "env">,
): UserError {
  return new UserError(
    [
      `${waiting.folder}, for ${waiting.api}: ${message}`,
      `It stays in the queue; were it never to be sent, delete ${waitingPath(waiting, effects)}`,
    ].join("\n"),
    exitCode,
  );
}
