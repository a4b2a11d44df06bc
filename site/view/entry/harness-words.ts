/** @file Which harness made an entry, as its signed bytes declare it. */

import { decodeBase64 } from "../../../record/signature/base64.ts";
import type { Envelope } from "../../../record/statement/envelope.ts";
import type { Harness } from "../../../record/statement/statements.ts";

/** `0.1.0, commit 0f28024d1c5a, no file changed (declared)`; null where the bytes are not at hand. */
export function harnessWords(envelope: Envelope | null): string | null {
  const harness = envelope && harnessIn(envelope);
  if (!harness) return null;
  const { version, git } = harness;
  if (git === null) return `${version}, outside a checkout (declared)`;
  const files = git.dirty ? "with changed files" : "no file changed";
  return `${version}, commit ${git.commit.slice(0, 12)}, ${files} (declared)`;
}

/** Null for bytes that are none of a result: whether they hold is for the check to say. */
function harnessIn({ payload }: Envelope): Harness | null {
  const bytes = decodeBase64(payload);
  if (bytes === null) return null;
  try {
    const { harness } = JSON.parse(new TextDecoder().decode(bytes)) as { harness?: Harness };
    return harness ?? null;
  } catch {
    return null;
  }
}
