/**
 * @file Shows foreign text (the name of a file or tensor, a server's words) to people: characters that a terminal would
 * obey or hide become escapes. The escapes are JSON's, so a JSON text keeps its value.
 */

/** Controls (C0, C1), characters that are invisible or change the writing direction, line separators, lone surrogates. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
/** Variation selectors, which choose between the text and the picture of the character before them. */
const VARIATION = /[\ufe0e\ufe0f]/u;
const SHORT = { "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r" };

/** For whole lines of ours: keeps line feeds and tabs. @param {string} text */
export function visible(text) {
  return text.replaceAll(UNSEEN, (each) => (each === "\n" || each === "\t" ? each : escaped(each)));
}

/** For one value within a line: it cannot begin a new line. @param {string} text */
export function visibleLine(text) {
  return text.replaceAll(UNSEEN, escaped);
}

/** Every escape is `\r` or the like, or `\u001b`: four digits for each UTF-16 unit. */
function escaped(character) {
  if (VARIATION.test(character)) return character;
  return SHORT[character] ?? character.split("").map(fourDigits).join("");
}

const fourDigits = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Invisible characters, and spaces that look like the plain one. */
const DECEIVING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;

/** Escapes of the invisible characters in a text, each once; special spaces are among them. */
export function unseenIn(text) {
  const found = (text.match(DECEIVING) ?? []).filter((each) => !VARIATION.test(each));
  return [...new Set(found)].map((each) =>
    /\p{Zs}/u.test(each) ? fourDigits(each) : escaped(each),
  );
}

/** Can lines be redrawn there? Not in a log or a pipe, nor on a terminal that says it is a typewriter. */
export function takesCursorCodes(stream, env) {
  return Boolean(stream.isTTY) && env.TERM !== "dumb" && !env.CI && !env.NO_COLOR;
}
