/** @file Is a folder's result listed on the server that is spoken to now? */

import { Envelope } from "../../record/statement/envelope.ts";
import type { Client } from "../client/client.ts";
import { ServerRefusal, Unreachable } from "../client/server-refusal.ts";
import { readState } from "./folder-state.ts";

/**
 * A receipt says so of the server that gave it only, so this one is asked. While it is silent, the receipt is
 * believed: there would be nobody to submit to.
 *
 * @returns the question, by path of an output folder.
 */
export function createListingCheck(client: Client): (folder: string) => Promise<boolean> {
  let isSilent = false;
  return async (folder) => {
    const receipt = readState(folder, "receipt");
    if (receipt === null || isSilent) return receipt !== null;
    try {
      await client.get(`/v1/entries/${receipt.id}/envelope`, Envelope);
      return true;
    } catch (error) {
      if (error instanceof ServerRefusal && error.problem === "not-found") return false;
      if (!(error instanceof Unreachable)) throw error;
      isSilent = true;
      return true;
    }
  };
}
