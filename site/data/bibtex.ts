/** @file Entries as BibTeX, to be cited one by one. */

import type { BoardRow } from "../../record/board/board-row.ts";
import { escapeLatex, lettersNeed } from "../markup/latex.ts";

/** What a citation says of an entry. */
export interface CitedEntry {
  entry: string;
  arch: string;
  regs: string;
  /** Name of the signer, or the beginning of a key without one. */
  author: string;
  /** When the log took it: `2026-11-23`. */
  day: string;
  protocol: string;
  /** Null where a board has many of these. */
  protocolId: string | null;
  /** Null where it is not known: the digest names the entry wherever it is kept. */
  url: string | null;
}

/** @param origin of the site, such as `https://example.org`, or nothing where it is not known. */
export function bibtex(rows: readonly BoardRow[], protocol: string, origin: string): string {
  return rows
    .map((row) => {
      const url = origin === "" ? null : `${origin}/entries/${row.entry}/`;
      return bibtexItem({ ...ofRow(row), protocol, protocolId: null, url });
    })
    .join("\n");
}

export function ofRow({ entry, arch, regs, signer, receivedAt }: BoardRow) {
  const author = signer.name ?? `Key ${signer.key.slice(0, 12)}`;
  return { entry, arch, regs, author, day: receivedAt.slice(0, 10) };
}

export function bibtexItem(cited: CitedEntry): string {
  const { entry, arch, regs, author, day, protocol, protocolId, url } = cited;
  const fields = {
    author: `{${escapeLatex(author)}}`,
    title: `{${escapeLatex(`${arch}, ${regs}: learned complexity and capacity on ${protocol}`)}}`,
    year: day.slice(0, 4),
    howpublished: escapeLatex(`Rademark entry ${entry}`),
    ...(protocolId !== null && { note: escapeLatex(`Listed ${day}, protocol ${protocolId}`) }),
    ...(url !== null && { url }),
  };
  const lines = Object.entries(fields).map(([name, value]) => `  ${name} = {${value}},\n`);
  return `${lettersNeed(author)}@misc{rademark-${entry.slice(0, 12)},\n${lines.join("")}}\n`;
}
