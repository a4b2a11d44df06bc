/** @file Text from elsewhere on a terminal: nothing that a server or a file says can steer it. */

import { visibleLine } from "../setup/shared/visible.mjs";

/** Control and invisible characters become escapes; no line breaks are left. */
export function printable(text: string): string {
  return visibleLine(text).trim();
}
