/** @file The result that an envelope holds, read again from its signed bytes. */

import { decodeBase64 } from "../../record/signature/base64.ts";
import type { Envelope } from "../../record/statement/envelope.ts";
import { Result } from "../../record/statement/statements.ts";

/** @throws for bytes that are no result. */
export function resultIn({ payload }: Envelope): Result {
  return Result.parse(JSON.parse(new TextDecoder().decode(decodeBase64(payload)!)));
}
