/** @file A reason given on the command line: one line that becomes public. */

import { Reason } from "../../record/statement/statements.ts";
import { UserError } from "../errors.ts";

/** @throws UserError for a text that a statement cannot hold. */
export function reasonText(text: string): string {
  const parsed = Reason.safeParse(text.normalize("NFC").trim());
  if (parsed.success) return parsed.data;
  throw new UserError("must be one line of 1 to 500 characters, none of them invisible");
}
