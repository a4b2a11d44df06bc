/** @file Which key is the log's: the one first met, or a loud complaint. */

import { type VerifierKey, parseVerifierKey } from "../../record/log/checkpoint.ts";
import type { Effects } from "../cli/effects.ts";
import { type Finding, failed, passed } from "./finding.ts";
import { type KnownLog, knownLog, knownLogsPath } from "./known-logs.ts";

export interface Trust {
  finding: Finding;
  /** Null: the text is no key, or another one than before. */
  log: VerifierKey | null;
  known: KnownLog | null;
}

/** @param text the key as a server or a file gives it. */
export function trustLog(
  text: string,
  source: "server" | "file",
  effects: Pick<Effects, "env">,
): Trust {
  const log = parseVerifierKey(text);
  if (log === null)
    return { finding: failed("log key", "It is no verifier key."), log, known: null };
  const known = knownLog(log.name, effects);
  if (known === null) return { finding: passed("log key", firstMeeting(text, source)), log, known };
  if (known.verifierKey === text)
    return { finding: passed("log key", `The one known of ${log.name} before.`), log, known };
  const complaint =
    `THE KEY OF LOG ${log.name} HAS CHANGED: known is ${known.verifierKey} (${known.api}), now it is ${text}. ` +
    `Either it is another log under the same name, or somebody pretends. Ask its operator; to start afresh, ` +
    `delete "${log.name}" from ${knownLogsPath(effects)}.`;
  return { finding: failed("log key", complaint), log: null, known };
}

/** A file's word is not kept: whoever made the file chose the key. */
function firstMeeting(text: string, source: "server" | "file"): string {
  return source === "server"
    ? `Met for the first time, trusted from now on: ${text}`
    : `Never met before; taken from the file itself, so compare it with what the log publishes: ${text}`;
}
