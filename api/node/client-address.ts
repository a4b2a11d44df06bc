/** @file Who a request is from: the connection's other end, or what a proxy of our own says of it. */

/**
 * @param forwarded the header X-Forwarded-For: each proxy appends the address it was called from, so only the last
 *   one was written by ours; everything before may be the client's invention.
 * @param hasProxy is every connection one of our own proxy's?
 */
export function clientAddress(
  connection: string | null,
  forwarded: string | undefined,
  hasProxy: boolean,
): string | null {
  const last = hasProxy ? forwarded?.split(",").at(-1)?.trim() : undefined;
  return last || connection;
}
