/** @file How much one call of the session does: a choice of speed that changes no number. */

import { isStreamed } from "../data/protocol-images.ts";
import type { Plan } from "./plan.ts";
import type { CallSizes } from "./training-program.ts";

/** Steps of a small network take less than the cost of a call, so several go into one. */
const STEPS_OF_SMALL = 5;
const SMALL = { mlp: 1024 } as const;

/** @param steps of an epoch: calls end exactly there. */
export function callSizes(plan: Plan, steps: number): CallSizes {
  const { architecture, protocol } = plan;
  const streamed = isStreamed(protocol);
  const small = architecture.family === "mlp" && architecture.width <= SMALL.mlp && !streamed;
  const divides = (k: number) => steps % k === 0;
  const wanted = small ? STEPS_OF_SMALL : 1;
  const stepsPerCall = [...Array(wanted).keys()].map((k) => wanted - k).find(divides) ?? 1;
  return { stepsPerCall, evaluateBatch: architecture.family === "mlp" ? 500 : 100, streamed };
}
