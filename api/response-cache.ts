/** @file Answers kept in memory by their address, bounded in number and size; the longest unused goes first. */

export interface CachedAnswer {
  /** Of what it was computed from: another one means that it may be out of date. */
  stamp: string;
  type: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  /** Quoted. */
  etag: string;
  /** Milliseconds. */
  at: number;
}

export interface ResponseCache {
  get(address: string): CachedAnswer | undefined;
  put(address: string, answer: CachedAnswer): void;
}

const MOST_ANSWERS = 5000;
const MEBIBYTE = 1024 * 1024;
/** Of what an entry costs besides its body. */
const OVERHEAD = 1024;

/** A Worker's isolate has 128 MB, which the requests under way need as well; a process of its own has room. */
function roomHere(): number {
  return (navigator.userAgent === "Cloudflare-Workers" ? 16 : 64) * MEBIBYTE;
}

export function createResponseCache(
  mostAnswers = MOST_ANSWERS,
  mostBytes = roomHere(),
): ResponseCache {
  const answers = new Map<string, CachedAnswer>(); // in the order of their last use
  let bytes = 0;
  const size = (address: string, { body }: CachedAnswer) =>
    body.length + 2 * address.length + OVERHEAD;
  const drop = (address: string) => {
    const answer = answers.get(address);
    if (answer && answers.delete(address)) bytes -= size(address, answer);
  };
  return {
    get(address) {
      const answer = answers.get(address);
      if (answer === undefined) return undefined;
      answers.delete(address);
      answers.set(address, answer);
      return answer;
    },
    put(address, answer) {
      drop(address);
      if (size(address, answer) > mostBytes / 8) return; // one answer may not push out all others
      answers.set(address, answer);
      bytes += size(address, answer);
      for (const oldest of answers.keys()) {
        if (bytes <= mostBytes && answers.size <= mostAnswers) break;
        drop(oldest);
      }
    },
  };
}
