/** @file What a check asks of the server: an answer to be checked, or none, which says nothing about the entry. */

import { readStrictJson } from "../../../record/strict-json.ts";
import { NO_SERVER } from "../../components/board/server-notice.ts";
import { answerOf, type Failure, respond } from "../../lib/answer.ts";

/** Nothing came that could be checked. */
export class Unanswered extends Error {}

/** Null where the server says that it has none. @throws Unanswered */
export function fetchedText(address: string): Promise<string | null> {
  return fetched(address, (response) => response.text());
}

/** Null also for what is not strict JSON: the checks say what is missing. @throws Unanswered */
export async function fetchedStrictly(address: string): Promise<unknown> {
  const bytes = await fetched(address, (response) => response.arrayBuffer());
  const json = bytes && readStrictJson(new Uint8Array(bytes));
  return json?.ok ? json.value : null;
}

async function fetched<T>(
  address: string,
  read: (response: Response) => Promise<T>,
): Promise<T | null> {
  const answer = await answerOf(await respond(address, {}, "no-store"), read);
  if (answer.ok) return answer.value;
  if (answer.reason === "absent") return null;
  throw new Unanswered(wordsOf(answer));
}

function wordsOf(failure: Failure): string {
  if (failure.reason === "refused") return `${failure.problem.title} ${failure.problem.detail}`;
  return failure.reason === "unserved" ? NO_SERVER : "The server does not answer.";
}
