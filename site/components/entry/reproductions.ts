/** @file Who trained it again, and what came out: both numbers, always. */

import type { EntryDocument } from "../../../record/documents/entry-document.ts";
import { type Child, html } from "../../charts/element.ts";
import { percent, percentInterval } from "../../charts/percent.ts";
import { plusMinusNote } from "../../charts/plus-minus.ts";
import { table } from "../../charts/table.ts";
import { day } from "../../lib/dates.ts";
import { shortDigest } from "../../lib/digests.ts";

type Reproduction = EntryDocument["reproductions"][number];

export function reproductions(document: Document, entry: EntryDocument): HTMLElement {
  const el = html.bind(null, document);
  const title = el("h2", { id: "reproductions" }, "Reproductions");
  const section = (...children: Child[]) =>
    el("section", { "aria-labelledby": "reproductions" }, title, ...children);
  if (entry.reproductions.length === 0)
    return section(
      el("p", {}, "Nobody has trained it again yet. ", el("a", { href: "#command" }, "You can.")),
    );
  const columns = [
    { title: "By" },
    { title: "Verdict" },
    { title: "Complexity (%)", numeric: true as const },
    { title: "Test accuracy (%)", numeric: true as const },
    { title: "Date" },
  ];
  const rows = entry.reproductions.map((each) => [
    { content: signer(document, each) },
    { content: verdict(document, each) },
    numbers(each, "complexity"),
    numbers(each, "testAccuracy"),
    { content: el("time", { datetime: each.receivedAt }, day(each.receivedAt)) },
  ]);
  const caption = "Entry → reproduction, on the reproducer's own fresh seeds";
  return section(
    table(document, caption, columns, rows),
    plusMinusNote(document, rows),
    newest(document, entry),
  );
}

function signer(document: Document, { signer, own }: Reproduction): HTMLElement {
  const name = html(document, "bdi", {}, signer.name ?? shortDigest(signer.key));
  const aside = own ? " (the submitter itself; counts for nothing)" : null;
  return html(document, "span", {}, name, aside);
}

/** Where the others stand; null where all of them are shown. */
function newest(document: Document, { row, reproductions, totals }: EntryDocument): Child {
  if (totals.reproductions === reproductions.length) return null;
  const href = `/v1/log/entries?entry=${row.entry}&kind=reproduction`;
  return html(
    document,
    "p",
    { class: "faint" },
    `The newest ${reproductions.length} of ${totals.reproductions}; `,
    html(document, "a", { href }, "the log"),
    " has all of them.",
  );
}

function verdict(
  document: Document,
  { verdict, retracted, quarantine }: Reproduction,
): HTMLElement {
  const aside = [...(retracted ? ["retracted"] : []), ...(quarantine ? ["quarantined: "] : [])];
  return html(
    document,
    "span",
    { class: `verdict ${verdict}` },
    [verdict, ...aside].join(", "),
    quarantine && html(document, "bdi", {}, quarantine),
  );
}

function numbers({ numbers }: Reproduction, quantity: string): string {
  const found = numbers.find((each) => each.quantity === quantity);
  if (found === undefined) return "–";
  return `${percent(found.entry)} → ${percentInterval(found.reproduction)}`;
}
