/** @file Title and description of an entry's page, the same whoever draws it: the site's build, its island, or a server before the next build. */

import type { BoardRow } from "./board-row.ts";

export interface EntryWords {
  title: string;
  /** One sentence for search results and shared links. */
  description: string;
}

export function entryWords(
  { arch, regs }: Pick<BoardRow, "arch" | "regs">,
  protocol: string,
): EntryWords {
  const title = `${arch} ${regs} on ${protocol}`;
  return { title, description: `A signed result: ${title}, with its controls, counts and proofs.` };
}
