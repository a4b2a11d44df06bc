/** @file Which names a key may be shown under: one that looks like another's, or like markup, is refused. */

import { problemAt, type Problem } from "../problem.ts";

export const LONGEST_NAME = 60;

/**
 * Scripts that are written together, as in UTS 39 section 5.1 (Japanese, Korean, Chinese with Bopomofo): a name
 * whose letters all belong to one set cannot borrow a look-alike from another script.
 */
const SCRIPT_SETS = [
  ["Han", "Hiragana", "Katakana"],
  ["Han", "Hangul"],
  ["Han", "Bopomofo"],
  ...[
    ["Latin", "Greek", "Cyrillic", "Armenian", "Georgian", "Hebrew", "Arabic", "Syriac", "Thaana"],
    ["Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu", "Kannada"],
    ["Malayalam", "Sinhala", "Thai", "Lao", "Tibetan", "Myanmar", "Khmer", "Ethiopic"],
    ["Cherokee", "Mongolian", "Canadian_Aboriginal", "Tifinagh", "Vai", "Nko", "Adlam"],
  ]
    .flat()
    .map((script) => [script]),
].map((scripts) => {
  const classes = [...scripts, "Common", "Inherited"].map((script) => `\\p{Script=${script}}`);
  return new RegExp(`^[${classes.join("")}]*$`, "u");
});

/** Each rule with what breaks it. Letters and marks are General_Category L and M of Unicode. */
const RULES: readonly [code: string, rule: string, breaks: (name: string) => boolean][] = [
  [
    "length",
    `1 to ${LONGEST_NAME} characters`,
    (name) => name === "" || [...name].length > LONGEST_NAME,
  ],
  ["nfc", "Unicode's form NFC", (name) => name !== name.normalize("NFC")],
  [
    "unseen",
    "no control, bidi, zero-width, private or unassigned character",
    (name) => UNSEEN.test(name),
  ],
  ["spacing", "words apart by single spaces, none at either end", (name) => SPACING.test(name)],
  ["markup", "none of < > & and the backtick", (name) => /[<>&`]/.test(name)],
  ["address", "no address of a page", (name) => ADDRESS.test(name.normalize("NFKC"))],
  ["letters", "a letter or a digit", (name) => !/[\p{L}\p{N}]/u.test(name)],
  ["one-script", "letters of one script", (name) => !SCRIPT_SETS.some((set) => set.test(name))],
  ["plain-form", "letters and digits in their plain form", (name) => [...name].some(isStyled)],
  ["marks", "at most two marks on a letter", (name) => /\p{M}{3}/u.test(name)],
];

/**
 * Category C (control, format: among them bidi and zero-width, surrogates, private use, unassigned), and what
 * shows nothing though it is a letter, a mark or a symbol: Hangul fillers, variation selectors, blank Braille.
 */
const UNSEEN = /[\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u;
/** Any white space but the plain space, or that twice or at an end. */
const SPACING = /(?! )[\p{White_Space}]| {2}|^ | $/u;
const ADDRESS = /:\/\/|www\./i;

/** Stands for letters or digits: full-width, circled, raised, a ligature, or of a mathematical alphabet. */
function isStyled(character: string): boolean {
  const plain = character.normalize("NFKC");
  return plain !== character && /[\p{L}\p{N}]/u.test(plain);
}

/** Every rule that a display name breaks; its pointer is empty, as the name is the whole document. */
export function displayNameProblems(name: string): Problem[] {
  return RULES.filter(([, , breaks]) => breaks(name)).map(([code, rule]) =>
    problemAt(name, [], code, rule),
  );
}
