/** @file What an array in a file is wanted for, which decides the advice where it is no such thing. */

export type ArrayUse = "features" | "labels";

/** Training and test in one call, as each call gives numbers of its own. */
export const NAMES_TO_NUMBERS =
  "np.unique(labels, return_inverse=True)[1], of training and test labels together, makes numbers of them";
