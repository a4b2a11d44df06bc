/**
 * @file Text from elsewhere (a file's name, a tensor's, a server's words) where a person reads it: what a terminal
 * would obey or hide is shown as an escape instead. The escapes are JSON's, so a JSON text keeps its value.
 */

/** Controls (C0, C1), what is not drawn or turns the direction of writing, line separators, halves of characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
/** Drawn with the character before them: they choose between its text and its picture. */
const VARIATION = /[\ufe0e\ufe0f]/u;
const SHORT = { "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r" };

/** Whole lines of our own: line feeds and tabs stay. @param {string} text */
export function visible(text) {
  return text.replaceAll(UNSEEN, (each) => (each === "\n" || each === "\t" ? each : escaped(each)));
}

/** One value within a line: it cannot begin another. @param {string} text */
export function visibleLine(text) {
  return text.replaceAll(UNSEEN, escaped);
}

/** Every escape is `\r` or the like, or `\u001b`: four digits for each UTF-16 unit. */
function escaped(character) {
  if (VARIATION.test(character)) return character;
  return SHORT[character] ?? character.split("").map(fourDigits).join("");
}

const fourDigits = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Spaces that look like the plain one, and whatever is not seen at all. */
const DECEIVING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;

/** Escapes of the characters in a text that nobody sees there, each once; spaces but the plain one are among them. */
export function unseenIn(text) {
  const found = (text.match(DECEIVING) ?? []).filter((each) => !VARIATION.test(each));
  return [...new Set(found)].map((each) =>
    /\p{Zs}/u.test(each) ? fourDigits(each) : escaped(each),
  );
}

/** May lines be redrawn there? Not in a log, a pipe or on a terminal that says that it is a typewriter. */
export function takesCursorCodes(stream, env) {
  return Boolean(stream.isTTY) && env.TERM !== "dumb" && !env.CI && !env.NO_COLOR;
}
