/** @file What becomes public with a statement, before it does. */

import { gzipSync } from "node:zlib";
import { statementBytes, statementId } from "../../record/statement/statements.ts";
import type { Built } from "./submission.ts";

export interface Preview {
  /** The statement, readable; its content is exactly what is signed and shown. */
  json: string;
  /** Lines on everything around it. */
  about: string[];
}

export function previewOf(
  { kind, statement }: Pick<Built, "kind" | "statement">,
  { api, displayName }: { api: string; displayName: string | null },
): Preview {
  const bytes = statementBytes(kind, statement);
  const { arch, regs, panel, fresh, key } = statement;
  const base64 = Buffer.from(bytes).toString("base64");
  return {
    json: `${JSON.stringify(statement, null, 2)}\n`,
    about: [
      `${kind} of ${arch} ${regs}: ${panel.length} panel runs, ${fresh.length} fresh runs`,
      `id            ${statementId(bytes)}`,
      `signed by     ${key}`,
      `display name  ${displayName ?? "none"} (beside the signed bytes; can be erased)`,
      `size          ${bytes.length} bytes; about ${gzipSync(base64).length} as sent, compressed`,
      `would go to   ${api}`,
      "Everything in it becomes public for good, this machine's description included. Nothing was sent.",
    ],
  };
}
