/** @file The classes of somebody's own data: those of the training split, in one order, and what is wrong with them. */

import { UserError } from "../../errors.ts";

const MOST_CLASSES = 65_536;

interface Numbered {
  /** Samples of each class. */
  train: Int32Array;
  test: Int32Array;
  /** Training samples of the smallest class. */
  smallestClass: number;
  /** Classes without a test sample. */
  untested: number;
}

/**
 * Numbers of classes for both splits.
 *
 * @param classes every class of the training split once, in order.
 * @param place of the data, for errors.
 * @throws UserError for a single class, for too many, and for a test class that nothing was trained on.
 */
export function numberClasses<Label>(
  classes: readonly Label[],
  { train, test }: { train: readonly Label[]; test: readonly Label[] },
  place: string,
): Numbered {
  const numbers = new Map(classes.map((label, number) => [label, number]));
  if (classes.length < 2)
    throw new UserError(
      `${place}: training takes two classes or more; found ${classes.length === 1 ? `only ${String(classes[0])}` : "none"}`,
    );
  if (classes.length > MOST_CLASSES)
    throw new UserError(
      `${place}: up to ${MOST_CLASSES} classes can be trained on; found ${classes.length}. Numbers of samples, or values to predict, are no classes.`,
    );
  const foreign = [...new Set(test)].filter((label) => !numbers.has(label));
  if (foreign.length > 0)
    throw new UserError(
      `${place}: every class of the test split must have training samples; found only in the test split: ` +
        `${foreign.slice(0, 5).map(String).join(", ")}${foreign.length > 5 ? `, ... (${foreign.length} in all)` : ""}`,
    );
  const numbered = (labels: readonly Label[]) =>
    Int32Array.from(labels, (label) => numbers.get(label)!);
  const own = { train: numbered(train), test: numbered(test) };
  const counts = new Int32Array(classes.length);
  for (const number of own.train) counts[number]!++;
  return {
    ...own,
    smallestClass: counts.reduce((least, count) => Math.min(least, count), Infinity),
    untested: classes.length - new Set(own.test).size,
  };
}
