/** @file What a page shows of an envelope's signed bytes, read without a schema: whether they hold is for the check to say. */

import { decodeBase64 } from "../../record/signature/base64.ts";
import type { Envelope } from "../../record/statement/envelope.ts";
import type { Result } from "../../record/statement/statements.ts";

/** Null for bytes that are no JSON. */
export function signedMembers({
  payload,
}: Envelope): Partial<Pick<Result, "source" | "regSource">> | null {
  const bytes = decodeBase64(payload);
  if (bytes === null) return null;
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Partial<Result>;
  } catch {
    return null;
  }
}
