/** @file From the first digits of an id, as tables print them, to the full id, which statements and addresses use. */

import { type IdKind, IdsDocument } from "../../record/answers/ids-document.ts";
import type { Effects } from "../effects.ts";
import { UserError } from "../errors.ts";
import { type Client, UnexpectedAnswer } from "./client.ts";

const FULL = 64;

/**
 * Asks the server for the id that begins with these digits, unless it is complete; prints the id on stderr.
 *
 * @param kinds kinds that are expected; the others are ignored if an id of one of these is found.
 * @throws UserError when there is none, and when there are several, which it lists.
 */
export async function fullId(
  digits: string,
  client: Client,
  kinds: readonly IdKind[] | null,
  { err }: Pick<Effects, "err">,
): Promise<string> {
  if (digits.length === FULL) return digits;
  const path = `/v1/ids/${digits}`;
  const { ids, more } = await client.get(path, IdsDocument);
  if (ids.some(({ id }) => !id.startsWith(digits)))
    throw new UnexpectedAnswer({ api: client.api, path }, "an id that does not begin so");
  const meant = ids.filter(({ kind }) => kinds === null || kinds.includes(kind));
  const candidates = [
    ...new Map((meant.length > 0 ? meant : ids).map((each) => [each.id, each])).values(),
  ];
  const [only] = candidates;
  if (only === undefined)
    throw new UserError(
      `${client.api} has nothing whose id begins with ${digits}. Give more digits, or another --api.`,
    );
  if (candidates.length > 1 || more)
    throw new UserError(
      [
        `${digits} is the beginning of several ids; give more digits of the one that you mean:`,
        ...candidates.map(({ id, kind }) => `  ${id}  ${kind}`),
        ...(more ? ["  and others"] : []),
      ].join("\n"),
    );
  err(`${digits} is ${only.kind} ${only.id}\n`);
  return only.id;
}

/** What a board lists. */
export const ENTRY: readonly IdKind[] = ["result"];
/** What a key can take back. */
export const RETRACTABLE: readonly IdKind[] = ["result", "reproduction", "challenge"];
