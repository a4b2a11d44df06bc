/** @file Which controls a protocol asks for. */

import type { Protocol } from "../../record/protocols.ts";

export interface ControlPlan {
  /** Label space refitted at every tap. */
  headline: number;
  /** Label spaces refitted at the last tap. */
  labelSpaces: readonly number[];
  /** Of the refits. */
  penalty: number;
  /** At which the effective dimension of the last tap is reported. */
  penalties: readonly number[];
}

/** Label spaces above `largestN` are never refitted, not even as the headline. */
export function controlPlan({ heads, headline, measures }: Protocol): ControlPlan {
  const { penalty, largestN } = measures.refit;
  const labelSpaces = heads.map(({ n }) => n).filter((n) => n <= largestN);
  return { headline, labelSpaces, penalty, penalties: measures.spectrum.penalties };
}

/** Label spaces refitted at one tap of `taps`. */
export function labelSpacesAt(plan: ControlPlan, tap: number, taps: number): number[] {
  return plan.labelSpaces.filter((n) => tap === taps || n === plan.headline);
}
