/** @file Answers in gzip, kept by their ETag: a page that everybody reads is compressed once, not for each of them. */

import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { MiddlewareHandler } from "hono";
import { COMPRESSIBLE_CONTENT_TYPE_REGEX } from "hono/compress";

const compressed = promisify(gzip);

const MOST_BYTES = 16 * 1024 * 1024;
/** Asked for without a weight, as browsers do; what else there is goes the usual way. */
const GZIP = /(^|,)\s*gzip\s*(,|$)/i;

/** For answers with a strong ETag, which names their bytes. Within `hono/compress`, which leaves alone what is compressed. */
export function compressedOnce(mostBytes = MOST_BYTES): MiddlewareHandler {
  const kept = new Map<string, Uint8Array<ArrayBuffer>>(); // in the order of their last use
  let size = 0;
  const use = (etag: string, body: Uint8Array<ArrayBuffer>) => {
    size += body.length - (kept.get(etag)?.length ?? 0);
    kept.delete(etag);
    kept.set(etag, body);
    for (const [oldest, { length }] of kept) {
      if (size <= mostBytes) break;
      size -= length;
      kept.delete(oldest);
    }
  };
  return async (c, next) => {
    await next();
    const etag = etagToCompress(c.req.method, c.res);
    if (etag === null) return;
    // on headers that are there: `hono/compress` would copy the body to set it
    c.res.headers.set("vary", varyOf(c.res.headers));
    if (!GZIP.test(c.req.header("accept-encoding") ?? "")) return;
    const body = kept.get(etag) ?? new Uint8Array(await compressed(await c.res.arrayBuffer()));
    use(etag, body);
    const { status, headers } = c.res;
    c.res = undefined; // else its headers would be merged into the new one's
    c.res = new Response(body, { status, headers: compressedHeaders(headers, etag) });
  };
}

/** Null for what is not to be compressed here. */
function etagToCompress(method: string, answer: Response) {
  if (method !== "GET" || answer.status !== 200) return null;
  const { headers } = answer;
  const isText = COMPRESSIBLE_CONTENT_TYPE_REGEX.test(headers.get("content-type") ?? "");
  const etag = headers.get("etag");
  return isText && !headers.has("content-encoding") && etag?.startsWith('"') ? etag : null;
}

/** The tag is weak then, as it names the bytes before they were compressed. */
function compressedHeaders(headers: Headers, etag: string): Headers {
  const changed = new Headers(headers);
  changed.delete("content-length");
  changed.set("content-encoding", "gzip");
  changed.set("etag", `W/${etag}`);
  return changed;
}

function varyOf(headers: Headers): string {
  const vary = headers.get("vary");
  return vary === null ? "Accept-Encoding" : `${vary}, Accept-Encoding`;
}
