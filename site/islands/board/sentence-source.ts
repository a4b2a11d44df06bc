/** @file What a board's tests allow to be said, as it is now. */

import { pageApi } from "../../lib/page-api.ts";
import { leading } from "../../view/board/leading-sentences.ts";

/** For so long after a change of the board servers may still say what they said before; twice that is enough. */
const SETTLED_MS = 12_000;
const PAUSE_MS = 3000;

export class SentenceSource {
  readonly #protocol: string;
  #etag: string | null = null;
  #changedAt = -Infinity;
  #askedAt = -Infinity;

  constructor(protocol: string) {
    this.#protocol = protocol;
  }

  /** The board is another than it was, so its sentences may be others too. @param now in milliseconds. */
  boardChanged(now: number): void {
    this.#changedAt = now;
    this.#askedAt = -Infinity;
  }

  /** Null while there are no others, or none to be had: what was said before stays. @param now in milliseconds. */
  async changes(now: number): Promise<string[] | null> {
    const isSettled = this.#askedAt > this.#changedAt + SETTLED_MS;
    if (isSettled || now < this.#askedAt + PAUSE_MS) return null;
    this.#askedAt = now;
    const answer = await pageApi.changedSentences(this.#protocol, this.#etag);
    if (!answer.ok) this.#changedAt = now; // asked again until it comes
    if (!answer.ok || answer.value === null) return null;
    this.#etag = answer.value.etag;
    return leading(answer.value.document);
  }
}
