/** @file An answer as a response: how long it may be kept, and whether the client has it already. */

import { bytesToHex } from "@noble/hashes/utils.js";
import type { CachedAnswer } from "../response-cache.ts";
import type { ReadAnswer, ReadRoute } from "./read-route.ts";

/** Strong: SHA-256 of the body. */
export async function etagOf(body: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", body as Uint8Array<ArrayBuffer>);
  return `"${bytesToHex(new Uint8Array(digest))}"`;
}

interface Circumstances {
  /** The header `if-none-match`. */
  known: string | undefined;
  /** Seconds since it was computed, when nobody can tell whether it still holds; null when it does. */
  staleSeconds: number | null;
}

export function readResponse(
  route: ReadRoute,
  { type, headers, body, etag }: Omit<CachedAnswer, "stamp" | "at">,
  { known, staleSeconds }: Circumstances,
): Response {
  const all = {
    ...headers,
    etag,
    "cache-control": cacheControl(route),
    ...staleness(staleSeconds),
  };
  if (known !== undefined && names(known, etag))
    return new Response(null, { status: 304, headers: all });
  return new Response(body as Uint8Array<ArrayBuffer>, {
    headers: { ...all, "content-type": type },
  });
}

/** Nothing is known of it before its last byte, so it has no ETag. */
export function streamedResponse(route: ReadRoute, { type, headers, body }: ReadAnswer): Response {
  const all = { ...headers, "content-type": type, "cache-control": cacheControl(route) };
  return new Response(body as ReadableStream<Uint8Array>, { headers: all });
}

const FOR_EVER = 31_536_000;

function cacheControl({ maxAge, follows }: ReadRoute): string {
  if (follows === "never") return "no-cache";
  const changes = maxAge >= FOR_EVER ? "immutable" : "stale-if-error=86400";
  return `public, max-age=${maxAge}, ${changes}`;
}

function staleness(seconds: number | null): Record<string, string> {
  if (seconds === null) return {};
  return { age: String(Math.floor(seconds)), warning: '110 - "Response is Stale"' };
}

/** RFC 9110 section 13.1.2: `*`, or a list of tags that are compared weakly. */
export function names(header: string, etag: string): boolean {
  if (header.trim() === "*") return true;
  const strong = (tag: string) => tag.trim().replace(/^W\//, "");
  return header.split(",").some((each) => strong(each) === strong(etag));
}
