/** @file Which random-label heads a protocol puts on a trunk, in the one order that counts are kept in. */

import type { Protocol } from "./protocol.ts";
import type { Regularizers } from "./regularizers.ts";

export interface HeadPlace {
  /** From 1, in order of depth. */
  tap: number;
  n: number;
  /** From 0. */
  draw: number;
}

/** Ordered by tap, then as the protocol lists the label spaces, then by draw. */
export function headPlaces(protocol: Protocol, taps: number): HeadPlace[] {
  return Array.from({ length: taps }, (_, t) => t + 1).flatMap((tap) =>
    protocol.heads
      .filter((plan) => plan.taps === "all" || tap === taps)
      .flatMap(({ n, draws }) => Array.from({ length: draws }, (_, draw) => ({ tap, n, draw }))),
  );
}

/** The one head that `rl=` acts on: draw 0 at the headline n, at the last tap unless named; null without it. */
export function regularizedPlace(
  { randomLabel }: Regularizers,
  protocol: Protocol,
  taps: number,
): HeadPlace | null {
  if (randomLabel.lambda === 0) return null;
  return { tap: randomLabel.tap ?? taps, n: protocol.headline, draw: 0 };
}

export function isSamePlace(a: HeadPlace, b: HeadPlace | null): boolean {
  return b !== null && a.tap === b.tap && a.n === b.n && a.draw === b.draw;
}
