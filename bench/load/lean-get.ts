/**
 * @file GET over one connection that is kept, into one buffer: 100 kB a thousand times a second through Node's own
 * client make garbage whose collection takes milliseconds, and that would be counted as the server's.
 */

import { connect } from "node:net";

const END_OF_HEAD = Buffer.from("\r\n\r\n");

/** Closed before a byte of an answer came: of a kept connection no fault of the server (RFC 9112 section 9.3.1). */
export class NothingCame extends Error {}

export interface LeanConnection {
  /** False once the server has closed it, as it does with one that nobody used for some seconds. */
  isOpen(): boolean;
  /** To the last byte. @throws NothingCame, or when it was not 200 or its length was not said. */
  get(): Promise<void>;
  close(): void;
}

/** @param headers beside the host. */
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
