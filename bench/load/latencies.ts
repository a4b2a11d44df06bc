/** @file How long requests take. */

import { setTimeout as sleep } from "node:timers/promises";
import autocannon from "autocannon";
import { connect } from "node:net";

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

/** Reads as fast as the server answers, over ten connections. @throws when any status was not 200. */
export function readAsFastAsItGoes(url: string, seconds: number): Promise<Load> {
  return new Promise((resolve, reject) => {
    const times: number[] = [];
    const options = { url, connections: 10, duration: seconds };
    const instance = autocannon(options, (error: Error | null, result) => {
      if (error) return reject(error);
      if (result.errors + result.timeouts + result.non2xx > 0)
        return reject(new Error(`${url}: ${result.non2xx} refused, ${result.errors} failed`));
      resolve({ ...latencies(times), requestsPerSecond: times.length / result.duration });
    });
    instance.on("response", (_client, _status, _bytes, milliseconds) => times.push(milliseconds));
  });
}

/**
 * Sends so many requests a second, evenly, whether earlier ones were answered or not, so that a pause of the server is
 * seen by every request that falls into it.
 *
 * @throws when anything was not 200.
 */
export async function readAtRate(
  url: string,
  { rate, seconds }: { rate: number; seconds: number },
  headers: Record<string, string>,
): Promise<Load> {
  let idle: LeanConnection[] = [];
  const open: LeanConnection[] = [];
  const times: number[] = [];
  const another = () => {
    open.push(leanConnection(url, headers));
    return open.at(-1)!;
  };
  const ask = async (begun: number) => {
    idle = idle.filter((each) => each.isOpen());
    const kept = idle.pop();
    let connection = kept ?? another();
    await connection.get().catch((error: unknown) => {
      if (kept === undefined || !(error instanceof NothingCame)) throw error;
      connection = another();
      return connection.get();
    });
    times.push(performance.now() - begun);
    idle.push(connection);
  };
  const begun = performance.now();
  const asked: Promise<void>[] = [];
  for (const total = rate * seconds; asked.length < total; await sleep(1)) {
    const due = Math.min(total, Math.floor((rate * (performance.now() - begun)) / 1000) + 1);
    while (asked.length < due) {
      const answered = ask(performance.now());
      answered.catch(() => undefined); // it is handled below
      asked.push(answered);
    }
  }
  await Promise.all(asked).finally(() => open.forEach((connection) => connection.close()));
  const elapsed = (performance.now() - begun) / 1000;
  return { ...latencies(times), requestsPerSecond: times.length / elapsed };
}

/** Times the items one after the other. */
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

const END_OF_HEAD = Buffer.from("\r\n\r\n");

/** Closed before a byte of an answer came, which a server may do to a kept connection (RFC 9112 section 9.3.1). */
class NothingCame extends Error {}

interface LeanConnection {
  /** False once the server has closed it, as it does after some seconds without a request. */
  isOpen(): boolean;
  /** Reads an answer to its last byte. @throws NothingCame, or when it was not 200 or gave no length. */
  get(): Promise<void>;
  close(): void;
}

/** @param headers in addition to the host. */
export function leanConnection(address: string, headers: Record<string, string>): LeanConnection {
  const { hostname, host, port, pathname, search } = new URL(address);
  const lines = Object.entries({ host, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const request = `GET ${pathname}${search} HTTP/1.1\r\n${lines.join("")}\r\n`;
  let head = Buffer.alloc(0);
  let left: number | null = null;
  let asked: PromiseWithResolvers<void> | null = null;
  const end = () => {
    [left, head] = [null, Buffer.alloc(0)];
    asked?.resolve();
  };
  const read = (count: number, buffer: Uint8Array) => {
    if (left === null) {
      head = Buffer.concat([head, buffer.subarray(0, count)]);
      const at = head.indexOf(END_OF_HEAD);
      if (at < 0) return true;
      const text = head.subarray(0, at).toString("latin1");
      const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
      if (!text.startsWith("HTTP/1.1 200 ") || length === undefined)
        asked?.reject(new Error(`${address}: ${text.split("\r\n")[0]}`));
      left = Number(length) + at + END_OF_HEAD.length - head.length;
    } else left -= count;
    if (left === 0) end();
    return true;
  };
  const onread = { buffer: Buffer.alloc(256 * 1024), callback: read };
  const socket = connect({ host: hostname, port: Number(port), noDelay: true, onread });
  const fail = (reason: string) => {
    const text = `${address}: ${reason}`;
    asked?.reject(left === null && head.length === 0 ? new NothingCame(text) : new Error(text));
  };
  socket.on("error", (error) => fail(error.message));
  socket.on("close", () => fail("the connection was closed"));
  return {
    isOpen: () => !socket.destroyed && socket.readyState !== "closed" && !socket.readableEnded,
    get: () => {
      asked = Promise.withResolvers();
      socket.write(request);
      return asked.promise;
    },
    close: () => socket.destroy(),
  };
}
