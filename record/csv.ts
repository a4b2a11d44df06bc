/** @file CSV, wherever it is written: the same names for the same numbers, and no formulas. Without a validator, for pages. */

/** `capacity`, `capacityLow`, `capacityHigh`: a mean and the ends of its 95 % interval. */
export function csvNames(name: string): [mean: string, low: string, high: string] {
  return [name, `${name}Low`, `${name}High`];
}

/** What a cell of a table holds; null: not measured. */
export type Value = string | number | boolean | null;

/** RFC 4180: commas, quotes where they are needed, CRLF. Null is an empty cell. */
export function csvText(names: readonly string[], rows: readonly (readonly Value[])[]): string {
  return [names, ...rows].map((row) => `${row.map(written).join(",")}\r\n`).join("");
}

/** A negative number is no formula; a text that begins with its sign may be. */
function written(value: Value): string {
  if (value === null) return "";
  return typeof value === "string" ? quote(withoutFormula(value)) : String(value);
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Signs that begin a formula in a spreadsheet, the full-width ones among them: those that csv-stringify knows. */
const FORMULA = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;

/** Puts an apostrophe in front of text that a spreadsheet would run as a formula. */
function withoutFormula(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}
