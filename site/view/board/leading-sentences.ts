/** @file In which order a board says what its tests allow. */

import type { SentencesDocument } from "../../../record/documents/entry-document.ts";

/** What was found comes before what could not be told apart; within both the server's order stays. */
export function leading({ sentences }: Pick<SentencesDocument, "sentences">): string[] {
  const isFound = (text: string) => / (raises|lowers) its /.test(text);
  const texts = sentences.map(({ text }) => text);
  return [...texts.filter(isFound), ...texts.filter((text) => !isFound(text))];
}
