/** @file Text from elsewhere on a terminal: nothing that a server or a file says can steer it. */

/** Control and invisible characters (Unicode categories Cc and Cf) become visible ones; no line breaks are left. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\u{fffd}").trim();
}
