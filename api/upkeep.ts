/** @file What no request comes to do: for a server's timer and a Worker's cron. */

import { expireChallenges } from "./expire-challenges.ts";
import type { Home } from "./home.ts";
import { forgetQuotas } from "./quotas.ts";

/** Each part whether the others fail or not; boards as well, as a refresh that failed is not asked for again. */
export async function upkeep(home: Home, report: (error: unknown) => void): Promise<void> {
  await expireChallenges(home).catch(report);
  await forgetQuotas(home).catch(report);
  home.boardsChanged();
}
