/** @file Whole numbers by their digits, before a double rounds them. */

import { z } from "zod";

const PARTS = /^-?(\d+)(?:\.(\d+))?(?:[eE](.+))?$/;

/** Is the JSON number written a whole one, in whatever form? `1.20e1` is, `1e-400` is not, though its double is zero. */
export function isWhole(token: string): boolean {
  const [, whole = "", fraction = "", exponent = "0"] = PARTS.exec(token) ?? [];
  const digits = whole + fraction;
  let last = digits.length;
  while (last > 0 && digits[last - 1] === "0") last -= 1;
  return last === 0 || last - whole.length <= Number(exponent);
}

/** Of an address: its digits alone, no sign, space, point or exponent, and no zero in front. */
export function digits(least: number, most: number) {
  return z
    .string()
    .regex(/^(0|[1-9]\d{0,15})$/)
    .transform(Number)
    .pipe(z.int().min(least).max(most));
}
