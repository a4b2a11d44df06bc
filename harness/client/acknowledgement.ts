/** @file A signed statement, sent; what the server acknowledges has to be that one. */

import { Receipt } from "../../record/log/log-proof.ts";
import { decodeBase64 } from "../../record/signature/base64.ts";
import type { Envelope } from "../../record/statement/envelope.ts";
import { statementId } from "../../record/statement/statements.ts";
import { EXIT, UserError } from "../errors.ts";
import type { Client } from "./client.ts";

/**
 * @param path such as `/v1/retractions`.
 * @returns `before`: was the same statement there already?
 * @throws UserError when the receipt is another statement's.
 */
export async function postStatement(
  client: Client,
  path: string,
  envelope: Envelope,
): Promise<{ receipt: Receipt; before: boolean }> {
  const { status, answer } = await client.post(path, envelope, Receipt);
  if (answer.id !== statementId(decodeBase64(envelope.payload)!))
    throw new UserError(
      `${client.api} acknowledged another statement than the one that was sent. Do not rely on it: see rademark status.`,
      EXIT.verification,
    );
  return { receipt: answer, before: status === 200 };
}
