/** @file Downloads a file over HTTP, and gives up soon where the network is unreachable. */

import { createWriteStream } from "node:fs";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { EXIT, UserError } from "../../errors.ts";
import { explainDisk } from "../../files.ts";
import type { OnProgress } from "../opened-datasets.ts";

/** How long a server may be silent. */
export interface Timeouts {
  /** Until the response's headers; a firewall that drops packets costs this much. */
  answerSeconds: number;
  /** Between two pieces of the body. */
  stallSeconds: number;
}

const TIMEOUTS: Timeouts = { answerSeconds: 8, stallSeconds: 30 };

export interface Download {
  url: string;
  /** The file to write. */
  path: string;
  label: string;
  signal: AbortSignal;
  onProgress: OnProgress;
}

/** @throws UserError when the address cannot be reached, responds with an error, or stops half-way. */
export async function download(
  { url, path, label, signal, onProgress }: Download,
  { answerSeconds, stallSeconds } = TIMEOUTS,
): Promise<void> {
  const deadline = new Deadline();
  try {
    deadline.postpone(answerSeconds);
    const response = await fetch(url, { signal: AbortSignal.any([signal, deadline.signal]) });
    if (!response.ok || !response.body) throw new Error(`HTTP status ${response.status}`);
    const total = bodyBytes(response);
    const body = Readable.from(response.body);
    let done = 0;
    body.on("data", (piece: Uint8Array) => {
      deadline.postpone(stallSeconds);
      done += piece.length;
      onProgress({ label, done, total, unit: "bytes" });
    });
    await pipeline(body, createWriteStream(path));
  } catch (error) {
    // The file failed, not the network.
    if (["open", "write", "close"].includes((error as NodeJS.ErrnoException).syscall ?? ""))
      throw explainDisk(error, path);
    throw new UserError(`${basename(url)}: ${reason(error)}`, EXIT.network, { cause: error });
  } finally {
    deadline.cancel();
  }
}

/** Null when the size is not given, or is that of a compressed body, which `fetch` decompresses. */
function bodyBytes(response: Response): number | null {
  const length = Number(response.headers.get("content-length"));
  return length > 0 && !response.headers.has("content-encoding") ? length : null;
}

/** `fetch failed` alone helps nobody; the system's reason is in its cause. */
function reason(error: unknown): string {
  const { cause, message } = error as Error;
  if (!(cause instanceof Error)) return message;
  return cause.message || (cause as NodeJS.ErrnoException).code || message;
}

/** Aborts its signal unless it is postponed in time. */
class Deadline {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  readonly signal = this.#controller.signal;

  postpone(seconds: number): void {
    this.cancel();
    const why = new Error(`no answer for ${seconds} s`);
    this.#timer = setTimeout(() => this.#controller.abort(why), 1000 * seconds);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}
