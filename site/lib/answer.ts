/** @file What came of a question to a server, told apart as far as it can be told. */

import type { ProblemDocument } from "../../record/documents/problem-document.ts";

export type Answer<T> = { ok: true; value: T } | Failure;

/**
 * Offline: no answer came, or none that can be read. Absent: 404 in the API's own words. Unserved: 404 from what is no
 * API, such as a host of files alone. Refused: any other status, with the server's own words.
 */
export type Failure =
  | { ok: false; reason: "offline" | "absent" | "unserved" }
  | {
      ok: false;
      reason: "refused";
      problem: ProblemDocument;
      /** When to ask again; null where the server does not say. */
      retryAfterSeconds: number | null;
    };

export type Headers = Readonly<Record<string, string>>;

/** Null when nothing answered. @param cache `no-store` where a browser's own copy would not do. */
export async function respond(
  address: string,
  headers: Headers = {},
  cache: RequestCache = "default",
): Promise<Response | null> {
  try {
    return await fetch(address, {
      headers: { accept: "application/json, text/plain", ...headers },
      // Node's fetch has no cache to speak of, and a Worker's takes no such option.
      ...(cache !== "default" && { cache }),
    });
  } catch {
    return null;
  }
}

/** @param read takes the body; it fails where the connection breaks in the midst of it, or for an HTML page. */
export async function answerOf<T>(
  response: Response | null,
  read: (response: Response) => Promise<T>,
): Promise<Answer<T>> {
  if (response === null) return { ok: false, reason: "offline" };
  if (response.status === 404)
    return { ok: false, reason: isProblem(response) ? "absent" : "unserved" };
  if (!response.ok) return refusal(response);
  try {
    return { ok: true, value: await read(response) };
  } catch {
    return { ok: false, reason: "offline" };
  }
}

async function refusal(response: Response): Promise<Failure> {
  const problem = await problemOf(response);
  return { ok: false, reason: "refused", problem, retryAfterSeconds: retryAfterSeconds(response) };
}

/** A proxy in between may answer something that is no problem document. */
async function problemOf(response: Response): Promise<ProblemDocument> {
  const title = `The server answered ${response.status}.`;
  const unknown = { type: "about:blank", title, status: response.status, detail: "", errors: [] };
  if (!isProblem(response)) return unknown;
  return (response.json() as Promise<ProblemDocument>).catch(() => unknown);
}

function isProblem({ headers }: Response): boolean {
  return headers.get("content-type")?.startsWith("application/problem+json") ?? false;
}

/** RFC 9110 section 10.2.3: seconds, or a date. */
function retryAfterSeconds({ headers }: Response): number | null {
  const text = headers.get("retry-after");
  if (text === null) return null;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}
