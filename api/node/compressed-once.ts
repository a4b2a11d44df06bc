/** @file Compressed answers, kept by their ETag: a page that everybody reads is compressed once, not for each of them. */

import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { MiddlewareHandler } from "hono";
import { COMPRESSIBLE_CONTENT_TYPE_REGEX } from "hono/compress";

/**
 * Content codings, the best first, each asked for without a weight, as browsers do; what else there is goes the usual way.
 * Brotli at this quality takes about as long as gzip: 13 and 8 ms for a board's page, of 47 and 63 kB.
 */
const CODINGS = [
  {
    coding: "br",
    asked: /(^|,)\s*br\s*(,|$)/i,
    compress: (body: ArrayBuffer) =>
      promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  },
  {
    coding: "gzip",
    asked: /(^|,)\s*gzip\s*(,|$)/i,
    compress: (body: ArrayBuffer) => promisify(gzip)(body),
  },
] as const;

const MOST_BYTES = 16 * 1024 * 1024;

/** For answers with a strong ETag, which names their bytes. Within `hono/compress`, which leaves alone what is compressed. */
export function compressedOnce(mostBytes = MOST_BYTES): MiddlewareHandler {
  const kept = new Map<string, Uint8Array<ArrayBuffer>>(); // in the order of their last use
  let size = 0;
  const use = (name: string, body: Uint8Array<ArrayBuffer>) => {
    size += body.length - (kept.get(name)?.length ?? 0);
    kept.delete(name);
    kept.set(name, body);
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
    const accepted = c.req.header("accept-encoding") ?? "";
    const chosen = CODINGS.find(({ asked }) => asked.test(accepted));
    if (chosen === undefined) return;
    const { coding, compress } = chosen;
    const name = `${coding} ${etag}`;
    const body = kept.get(name) ?? new Uint8Array(await compress(await c.res.arrayBuffer()));
    use(name, body);
    const { status, headers } = c.res;
    c.res = undefined; // else its headers would be merged into the new one's
    c.res = new Response(body, { status, headers: compressedHeaders(headers, coding, etag) });
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
function compressedHeaders(headers: Headers, coding: string, etag: string): Headers {
  const changed = new Headers(headers);
  changed.delete("content-length");
  changed.set("content-encoding", coding);
  changed.set("etag", `W/${etag}`);
  return changed;
}

function varyOf(headers: Headers): string {
  const vary = headers.get("vary");
  return vary === null ? "Accept-Encoding" : `${vary}, Accept-Encoding`;
}
