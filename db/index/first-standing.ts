/** @file Where an entry stands the moment it is accepted: what `standingOf` says, with most questions spared. */

import { stateOf, type Standing } from "../../record/board/standing.ts";
import type { Result } from "../../record/statement/result.ts";
import type { Reader } from "../db.ts";
import { challengeTally } from "./challenge-tally.ts";

/** No statement can have spoken of it yet. */
export async function firstStanding(db: Reader, result: Result): Promise<Standing> {
  const reproductions = { agree: 0, disagree: 0, inconclusive: 0 };
  const state = stateOf({
    isChallenged: result.challenge !== null,
    reproductions,
    supersededBy: null,
    isRetracted: false,
    isQuarantined: false,
  });
  return {
    state,
    reproductions,
    selfReproduced: false,
    ...(await challengeTally(db, result)),
    reason: null,
    supersededBy: null,
  };
}
