/** @file What is being trained for a board that has nothing to show yet: its open challenges. */

import { type Training, trainingIn } from "../../data/training.ts";
import { pageApi } from "../../data/api.ts";

const PAUSE_MS = 5000;

export class OpenChallenges {
  readonly #protocol: string;
  #askedAt = -Infinity;

  constructor(protocol: string) {
    this.#protocol = protocol;
  }

  /** Null while it is not known, and between two questions. @param now in milliseconds. */
  async now(now: number): Promise<Training[] | null> {
    if (now < this.#askedAt + PAUSE_MS) return null;
    this.#askedAt = now;
    const answer = await pageApi.challenges({ protocol: this.#protocol, limit: 100 });
    return answer.ok ? trainingIn(answer.value, now) : null;
  }
}
