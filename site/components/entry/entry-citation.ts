/** @file How an entry is cited, in words and as BibTeX: at the top of its page, to be copied. */

import type { VNode } from "preact";
import { PAPERS } from "../../../record/papers.ts";
import { type CitedEntry, bibtexItem, ofRow } from "../../data/bibtex.ts";
import type { EntryModel } from "../../data/entry-model.ts";
import { h } from "../../markup/element.ts";

/** An entry to be cited from any site that has it. */
export type Citable = Omit<CitedEntry, "url"> & {
  /** Of its page, from the root of the site. */
  path: string;
};

export function citable({ entry: { row, protocol }, home }: EntryModel): Citable {
  const path = `${home}/entries/${row.entry}/`;
  return { ...ofRow(row), protocol: protocol.name, protocolId: protocol.id, path };
}

/** @param origin of the site, or nothing where the build does not know it: the island does, and lets the buttons copy. */
export function entryCitation(cited: Citable, origin: string): VNode {
  const button = (name: string, label: string) =>
    h(
      "button",
      { type: "button", class: "button scripted", disabled: true, "data-copy": name },
      label,
    );
  return h(
    "div",
    { class: "cite" },
    h(
      "p",
      { class: "said" },
      h("strong", {}, "Cite"),
      " ",
      h("span", { "data-text": "words" }, citationWords(cited, origin)),
    ),
    h(
      "div",
      { class: "copying" },
      button("words", "Copy as text"),
      button("bibtex", "Copy BibTeX"),
      h("span", { class: "faint small", role: "status" }),
    ),
    h(
      "details",
      {},
      h("summary", {}, "BibTeX, with the papers that define the method"),
      h(
        "pre",
        { tabindex: 0 },
        h("code", { "data-text": "bibtex" }, citationBibtex(cited, origin)),
      ),
    ),
  );
}

/** All that finds the entry again: the address has its digest. */
export function citationWords(cited: Citable, origin: string): string {
  const { author, day, arch, regs, protocol, protocolId, entry, path } = cited;
  const where = origin === "" ? `entry ${entry}` : `${origin}${path}`;
  return (
    `${author}: ${arch} ${regs}, learned complexity and capacity on ${protocol} (protocol ${protocolId}). ` +
    `Rademark, ${day}, ${where}. Method: ${PAPERS.map(({ short }) => short).join("; ")}.`
  );
}

export function citationBibtex({ path, ...cited }: Citable, origin: string): string {
  const url = origin === "" ? null : `${origin}${path}`;
  return [bibtexItem({ ...cited, url }), ...PAPERS.map(paperItem)].join("\n");
}

function paperItem({ title, year, bibtex: { type, key, author }, further }: Paper): string {
  const fields = { author, title: `{${title}}`, year, ...further };
  const lines = Object.entries(fields).map(([name, value]) => `  ${name} = {${value}},\n`);
  return `@${type}{${key},\n${lines.join("")}}\n`;
}

type Paper = (typeof PAPERS)[number];
