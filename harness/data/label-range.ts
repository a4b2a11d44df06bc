/** @file The rule that every label names a class. */

import { invalidFile } from "./invalid-file.ts";

/** @throws UserError naming the first label that is not below `classes`. */
export function requireLabels(labels: Uint8Array, classes: number, place: string): void {
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong === -1) return;
  throw invalidFile(place, `labels must be below ${classes}`, `${labels[wrong]} at index ${wrong}`);
}
