import { expect, test } from "vitest";
import { displayNameProblems } from "../../../record/statement/display-name.ts";

const rules = (name: string) => displayNameProblems(name).map(({ rule }) => rule);

test.each([
  "Ada Lovelace",
  "x",
  "Jos\u00e9",
  "\u0410\u0434\u0430",
  "\u5c71\u7530 \u30bf\u30ed\u30fc",
  "\uae40\ucca0\uc218",
  "\u0938\u0941\u0928\u0940\u0932",
  "lab-7 (night shift)",
  "Ada\u2026",
  "Ada \u{1f98a}",
  "a".repeat(60),
  "\u{20000}".repeat(60),
])("%j is a name", (name) => {
  expect(rules(name)).toEqual([]);
});

const CODES: Record<string, string> = {
  "1 to 60 characters": "length",
  "Unicode's form NFC": "nfc",
  "no control, bidi, zero-width, private or unassigned character": "unseen",
  "words apart by single spaces, none at either end": "spacing",
  "none of < > & and the backtick": "markup",
  "no address of a page": "address",
  "a letter or a digit": "letters",
  "letters of one script": "one-script",
  "letters and digits in their plain form": "plain-form",
  "at most two marks on a letter": "marks",
};

test.each<[why: string, name: string, rule: string]>([
  ["nothing", "", "1 to 60 characters"],
  ["too long", "a".repeat(61), "1 to 60 characters"],
  ["a letter and its accent apart", "Jose\u0301", "Unicode's form NFC"],
  [
    "a control character",
    "a\u0007b",
    "no control, bidi, zero-width, private or unassigned character",
  ],
  ["a line break", "a\nb", "no control, bidi, zero-width, private or unassigned character"],
  [
    "right-to-left override",
    "a\u202eb",
    "no control, bidi, zero-width, private or unassigned character",
  ],
  [
    "a zero-width space",
    "a\u200bb",
    "no control, bidi, zero-width, private or unassigned character",
  ],
  ["a joiner", "a\u200db", "no control, bidi, zero-width, private or unassigned character"],
  [
    "a filler that shows nothing",
    "a\u3164",
    "no control, bidi, zero-width, private or unassigned character",
  ],
  [
    "a private character",
    "a\ue000",
    "no control, bidi, zero-width, private or unassigned character",
  ],
  [
    "half a surrogate pair",
    "a\ud800",
    "no control, bidi, zero-width, private or unassigned character",
  ],
  ["a space before", " a", "words apart by single spaces, none at either end"],
  ["a space behind", "a ", "words apart by single spaces, none at either end"],
  ["two spaces", "a  b", "words apart by single spaces, none at either end"],
  ["a wide space", "a\u3000b", "words apart by single spaces, none at either end"],
  ["a space that does not break", "a\u00a0b", "words apart by single spaces, none at either end"],
  ["a tag", "<b>a", "none of < > & and the backtick"],
  ["an entity", "a&amp;", "none of < > & and the backtick"],
  ["code", "`a`", "none of < > & and the backtick"],
  ["an address", "https://a.example", "no address of a page"],
  ["an address without scheme", "WWW.a.example", "no address of a page"],
  ["an address in full width", "\uff57\uff57\uff57\uff0ea", "no address of a page"],
  ["signs alone", "---", "a letter or a digit"],
  ["Cyrillic among Latin", "\u0410da", "letters of one script"],
  ["Greek among Latin", "\u03a9mega x", "letters of one script"],
  ["Hangul among kana", "\uae40 \u30bf", "letters of one script"],
  ["a letter from mathematics", "\u{1d400}da", "letters and digits in their plain form"],
  ["circled letters", "\u24b6da", "letters and digits in their plain form"],
  ["digits in full width", "lab \uff17", "letters and digits in their plain form"],
  ["a circled digit", "lab \u2466", "letters and digits in their plain form"],
  ["a raised digit", "lab\u00b2", "letters and digits in their plain form"],
  ["a trade mark", "Ada\u2122", "letters and digits in their plain form"],
  ["letters in one", "\ufb01ne", "letters and digits in their plain form"],
  ["a pile of marks", "q\u0323\u0307\u0302\u0301", "at most two marks on a letter"],
])("%s is refused: %j", (_, name, rule) => {
  expect(displayNameProblems(name)).toContainEqual(
    expect.objectContaining({ code: CODES[rule], pointer: "", rule }),
  );
});

test("a refusal shows the name where the rule broke: the whole of it", () => {
  expect(displayNameProblems("a  b")).toEqual([
    {
      code: "spacing",
      pointer: "",
      rule: "words apart by single spaces, none at either end",
      found: '"a  b"',
    },
  ]);
});
