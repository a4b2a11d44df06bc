/** @file Entries as BibTeX, to be cited one by one. */

import type { BoardRow } from "../../record/board/board-row.ts";
import { escapeLatex } from "../markup/latex.ts";

/**
 * @param origin of the site, such as `https://example.org`, or nothing where it is not known; the digest names the
 * entry wherever it is kept.
 */
export function bibtex(rows: readonly BoardRow[], protocol: string, origin: string): string {
  return rows.map((row) => item(row, protocol, origin)).join("\n");
}

function item(
  { entry, arch, regs, signer, receivedAt }: BoardRow,
  protocol: string,
  origin: string,
) {
  const fields = {
    author: `{${escapeLatex(signer.name ?? `Key ${signer.key.slice(0, 12)}`)}}`,
    title: `{${escapeLatex(`${arch}, ${regs}: learned complexity and capacity on ${protocol}`)}}`,
    year: receivedAt.slice(0, 4),
    howpublished: escapeLatex(`Rademark entry ${entry}`),
    ...(origin !== "" && { url: `${origin}/entries/${entry}/` }),
  };
  const lines = Object.entries(fields).map(([name, value]) => `  ${name} = {${value}},\n`);
  return `@misc{rademark-${entry.slice(0, 12)},\n${lines.join("")}}\n`;
}
