/** @file What is compared, and how comparisons are told; apart from the schema, so that a page needs no validator. */

/** The two numbers of complexity first, side by side. */
export const QUANTITIES = [
  "learnedComplexity",
  "capacity",
  "gap",
  "testAccuracy",
  "trainAccuracy",
] as const;
export type Quantity = (typeof QUANTITIES)[number];

export const QUANTITY_WORDS: Readonly<Record<Quantity, string>> = {
  learnedComplexity: "learned complexity",
  capacity: "capacity",
  gap: "generalization gap",
  testAccuracy: "test accuracy",
  trainAccuracy: "train accuracy",
};

/** What a board says of a regularizer, in this order. */
export const SAID = [
  "learnedComplexity",
  "capacity",
  "gap",
  "testAccuracy",
] as const satisfies readonly Quantity[];

/** Fewer shared seeds than this carry no statement. */
export const FEWEST_SEEDS = 5;

/** Of two configurations: do learned complexity and capacity order them oppositely, each by a test of its own? */
export function areOrdersOpposite(
  comparisons: readonly { quantity: Quantity; verdict: string }[],
): boolean {
  const verdicts = (["learnedComplexity", "capacity"] as const).map(
    (quantity) => comparisons.find((each) => each.quantity === quantity)?.verdict,
  );
  return verdicts.includes("a is higher") && verdicts.includes("a is lower");
}

/**
 * A share in points, to a tenth; one below a point to two digits, so that nothing but zero is `0.0`.
 *
 * @example pointsText(0.0213) // "2.1"
 * @example pointsText(0.00016) // "0.016"
 */
export function pointsText(share: number): string {
  const text = (100 * share).toFixed(pointDigits(share));
  return text === "-0.0" ? "0.0" : text;
}

/** Decimal places of points that show this much to two digits, at least one. */
export function pointDigits(share: number): number {
  const points = Math.abs(100 * share);
  return points < 1e-6 ? 1 : Math.max(1, 1 - Math.floor(Math.log10(points)));
}
