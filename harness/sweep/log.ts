/** @file log.txt: what happened in an output folder, and what its workers wrote to stderr. */

import { join } from "node:path";
import { appendText } from "../files.ts";

/** Appends text as it is. */
export function logText(folder: string, text: string): void {
  try {
    appendText(join(folder, "log.txt"), text);
  } catch {
    // A disk too full for a log line is too full for a checkpoint, and that failure is reported; a lost folder likewise.
  }
}

/** Appends a line with its time. */
export function logLine(folder: string, line: string): void {
  logText(folder, `${new Date().toISOString()} ${line}\n`);
}
