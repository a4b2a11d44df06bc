/** @file A board as CSV, wherever it is written: the same names for the same numbers, and no formulas. */

/** `capacity`, `capacityLow`, `capacityHigh`: a mean and the ends of its 95 % interval. */
export function csvNames(name: string): [mean: string, low: string, high: string] {
  return [name, `${name}Low`, `${name}High`];
}

/** Signs that begin a formula in a spreadsheet, the full-width ones among them: those that csv-stringify knows. */
const FORMULA = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;

/** Puts an apostrophe in front of text that a spreadsheet would run as a formula. */
export function withoutFormula(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}
