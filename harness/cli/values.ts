/** @file Readers of single values: text in, value out, or a sentence that says what is allowed. */

import { didYouMean } from "../../record/problem.ts";
import { UserError } from "../errors.ts";

export const text = (value: string): string => {
  if (value === "") throw new UserError("is empty");
  return value;
};

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER) {
  return (value: string): number => {
    const number = /^\d+$/.test(value) ? Number(value) : NaN;
    if (number >= least && number <= most) return number;
    const isTooLarge = /^\d+$/.test(value) && number > most;
    const allowed =
      most === Number.MAX_SAFE_INTEGER && !isTooLarge
        ? `${least} or more`
        : `from ${least} to ${most}`;
    throw new UserError(`"${value}" is not a whole number ${allowed}`);
  };
}

/** Seconds, a part of one too. */
export function seconds(value: string): number {
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
  if (number <= 86_400) return number;
  throw new UserError(`"${value}" is not a number of seconds from 0 to 86400`);
}

/** One of these words. */
export function oneOf<const W extends string>(...words: W[]) {
  return (value: string): W => {
    if ((words as string[]).includes(value)) return value as W;
    throw new UserError(`"${value}" is not one of ${words.join(", ")}${didYouMean(value, words)}`);
  };
}

/** The same, and `both` for the two there are. */
export function someOfTwo<const W extends string>(...words: [W, W]) {
  return (value: string): W[] => (value.trim() === "both" ? words : someOf(...words)(value));
}

/** A list separated by commas, each item one of these words. */
export function someOf<const W extends string>(...words: W[]) {
  const one = oneOf(...words);
  return (value: string): W[] => [...new Set(value.split(",").map((item) => one(item.trim())))];
}

/** A flag's value where there is one: in the environment and in a config file. */
export function yesOrNo(value: string): boolean {
  if (["true", "1", "yes"].includes(value)) return true;
  if (["false", "0", "no", ""].includes(value)) return false;
  throw new UserError(`"${value}" is not one of true, false`);
}
