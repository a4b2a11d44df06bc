/** @file The purpose that an array is read for, which decides the advice when it does not serve that purpose. */

export type ArrayUse = "features" | "labels" | "index" | "samples";

/** Training and test in one call, because each call numbers the labels anew. */
export const NAMES_TO_NUMBERS =
  "np.unique(labels, return_inverse=True)[1], of training and test labels together, makes numbers of them";
