/** @file Names of an architecture's taps, from its canonical name. */

import { type Architecture, tapNames } from "../../../record/architecture.ts";

/** `tap 1` and so on for a custom architecture, whose blocks have no names here. */
export function tapTitles(arch: string, count: number): string[] {
  const [family, depth] = arch.split("-");
  const named: readonly string[] | undefined = tapNames({
    family,
    depth: Number(depth),
  } as Architecture);
  if (named?.length === count) return [...named];
  return Array.from({ length: count }, (_, i) => `tap ${i + 1}`);
}
