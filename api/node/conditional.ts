/**
 * @file HEAD and conditional requests, answered from what GET would get: so that its headers are theirs, `Vary` and the
 * strength of the ETag as well (RFC 9110 sections 9.3.2 and 15.4.5), whatever else makes the answer.
 */

import { names } from "../read/read-response.ts";
import type { Fetch } from "./listening.ts";

/** What the request asks beyond GET; a part of a file is not asked for by HEAD, nor where it may be another file's. */
const CONDITIONS = ["if-none-match", "if-modified-since"];

/** @param get answers GET as if it were asked without condition, and every other method. */
export function conditional(get: Fetch): Fetch {
  return async (request, env) => {
    const { method, headers } = request;
    const isHead = method === "HEAD";
    if (!isHead && (method !== "GET" || !isConditional(headers))) return get(request, env);
    const asked = new Headers(headers);
    for (const name of CONDITIONS) asked.delete(name);
    if (isHead || headers.has("if-range")) asked.delete("range");
    return conditioned(request, await get(new Request(request.url, { headers: asked }), env));
  };
}

/** @param answer what GET would get, to a request for just that or for its head. */
export function conditioned(
  { method, headers }: Pick<Request, "method" | "headers">,
  answer: Response,
): Response | Promise<Response> {
  if (isUnmodified(headers, answer)) return withoutBody(answer, 304);
  return method === "HEAD" ? withoutBody(answer, answer.status) : answer;
}

function isConditional(headers: Headers): boolean {
  return [...CONDITIONS, "if-range"].some((name) => headers.has(name));
}

/** RFC 9110 section 13.2.2: tags come before dates, and only what would be sent can be known already. */
function isUnmodified(asked: Headers, { status, headers }: Response): boolean {
  if (status !== 200 && status !== 206) return false;
  const known = asked.get("if-none-match");
  const etag = headers.get("etag");
  if (known !== null) return known.trim() === "*" || (etag !== null && names(known, etag));
  const since = Date.parse(asked.get("if-modified-since") ?? "");
  const modified = Date.parse(headers.get("last-modified") ?? "");
  return modified <= since; // not where either is no date
}

/** Of the body, and of no use without one (section 15.4.5). */
const OF_THE_BODY = /^content-(type|length|encoding|range|disposition|language)$/;

async function withoutBody(answer: Response, status: number): Promise<Response> {
  const headers = new Headers(answer.headers);
  if (status === 304)
    for (const name of answer.headers.keys()) if (OF_THE_BODY.test(name)) headers.delete(name);
  await answer.body?.cancel(); // gives back what it is read from
  return new Response(null, { status, headers });
}
