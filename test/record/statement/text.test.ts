import { expect, test } from "vitest";
import { SourceText } from "../../../record/custom-code.ts";
import { Reason } from "../../../record/statement/statements.ts";

const isReason = (text: string) => Reason.safeParse(text).success;
const isSource = (text: string) => SourceText.safeParse(text).success;

test.each([
  "wrong d\u00e4ta set",
  "\u30c7\u30fc\u30bf\u304c\u9055\u3044\u307e\u3059",
  "a \u{1f98a}, sadly",
])("%j is a reason", (text) => {
  expect(isReason(text)).toBe(true);
});

test.each([
  ["nothing", ""],
  ["a Hangul filler", "a\u3164"],
  ["blank Braille", "a\u2800b"],
  ["a grapheme joiner", "a\u034fb"],
  ["a variation selector", "a\ufe0f"],
  ["a zero-width space", "a\u200bb"],
  ["a right-to-left override", "a\u202eb"],
  ["a line break", "a\nb"],
  ["a line separator", "a\u2028b"],
  ["a private character", "a\ue000"],
  ["a tag character", "a\u{e0041}"],
  ["what is never a character", "a\uffff"],
  ["half a surrogate pair", "a\ud800"],
  ["an accent apart from its letter", "e\u0301"],
  ["a space behind", "a "],
])("%s is no part of a reason", (_, text) => {
  expect(isReason(text)).toBe(false);
});

test("a character that Unicode has not assigned yet is no fault: runtimes differ in which those are", () => {
  expect(isReason("a\u{323b0}")).toBe(true);
});

test("source text has tabs and line feeds, and nothing that hides", () => {
  expect(isSource('const trunk = () => {\n\treturn "d\u00e4ta";\n};\n')).toBe(true);
  for (const hidden of [
    "\0",
    "\r",
    "\u001b",
    "\u007f",
    "\u0085",
    "\u202e",
    "\u2066",
    "\u200f",
    "\ud800",
  ])
    expect(isSource(`a${hidden}b`), JSON.stringify(hidden)).toBe(false);
  expect(isSource("\u00e9".repeat(32_768))).toBe(true);
  expect(isSource("\u00e9".repeat(32_769))).toBe(false);
});
