/** @file Which refits a protocol asks for (method.md section 4). */

import type { Protocol } from "./protocol.ts";

/** Every tap at the headline n, the last tap at every n up to `largestN`; in the order they are kept in. */
export function controlPlaces(protocol: Protocol, taps: number): { tap: number; n: number }[] {
  const { heads, headline, measures } = protocol;
  const spaces = heads.map(({ n }) => n).filter((n) => n <= measures.refit.largestN);
  return Array.from({ length: taps }, (_, t) => t + 1).flatMap((tap) =>
    spaces.filter((n) => tap === taps || n === headline).map((n) => ({ tap, n })),
  );
}
