/** @file How long requests take. */

import autocannon from "autocannon";

/** In milliseconds. */
export interface Latencies {
  count: number;
  median: number;
  p95: number;
}

/** Nearest rank. @throws for no times at all. */
export function latencies(milliseconds: readonly number[]): Latencies {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
  if (sorted.length === 0) throw new RangeError("no latencies");
  return { count: sorted.length, median: at(0.5), p95: at(0.95) };
}

export interface Load extends Latencies {
  requestsPerSecond: number;
}

/**
 * Reads one address over ten connections that are kept open.
 *
 * @param rate requests a second over all connections, each sending its share of a second at that second's start;
 *   null: as fast as they are answered.
 * @throws when anything was not 200.
 */
export function readUnderLoad(
  url: string,
  {
    rate,
    seconds,
    headers,
  }: { rate: number | null; seconds: number; headers: Record<string, string> },
): Promise<Load> {
  return new Promise((resolve, reject) => {
    const times: number[] = [];
    const limited = rate === null ? {} : { overallRate: rate };
    const options = { url, connections: 10, duration: seconds, headers, ...limited };
    const instance = autocannon(options, (error: Error | null, result) => {
      if (error) return reject(error);
      if (result.errors + result.timeouts + result.non2xx > 0)
        return reject(new Error(`${url}: ${result.non2xx} refused, ${result.errors} failed`));
      resolve({ ...latencies(times), requestsPerSecond: times.length / result.duration });
    });
    instance.on("response", (_client, _status, _bytes, milliseconds) => times.push(milliseconds));
  });
}

/** One after the other. */
export async function timesOf<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<unknown>,
): Promise<Latencies> {
  const times: number[] = [];
  for (const item of items) {
    const begun = performance.now();
    await work(item);
    times.push(performance.now() - begun);
  }
  return latencies(times);
}
