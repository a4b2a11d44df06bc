/** @file What the client needs of the world; tests pass their own clock and dice. */

import { setTimeout as sleep } from "node:timers/promises";

export interface Network {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  sleep: (milliseconds: number) => Promise<void>;
  /** Uniform in [0, 1). */
  random: () => number;
}

export const realNetwork: Network = {
  fetch: (url, init) => fetch(url, init),
  sleep: (milliseconds) => sleep(milliseconds),
  random: Math.random,
};
