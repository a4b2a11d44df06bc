/** @file The top of an entry's page: what it is, where it stands, what that proves. */

import type { Note } from "../../../record/board/board-row.ts";
import { type Child, html } from "../../charts/element.ts";
import { minute } from "../../lib/dates.ts";
import { shortDigest } from "../../lib/digests.ts";
import { gibibytes, plural } from "../../lib/numbers.ts";
import { stateBadge } from "../../lib/state-badge.ts";
import { standingSentence, trustAddress } from "../../lib/states.ts";
import type { EntryModel } from "../../view/entry/entry-model.ts";
import { harnessWords } from "../../view/entry/harness-words.ts";

export function entryHead(document: Document, { entry, envelope }: EntryModel): HTMLElement {
  const el = html.bind(null, document);
  const { row, protocol } = entry;
  const { standing } = row;
  const facts: [term: string, ...Child[]][] = [
    ["Board", el("a", { href: `/boards/${protocol.name}/?entry=${row.entry}` }, protocol.name)],
    ["Signed by", signer(document, entry), " ", digest(document, row.signer.key)],
    ["Entry", digest(document, row.entry)],
    ["Received", minute(row.receivedAt)],
    ["Seeds", `${row.panel} of the panel, ${plural(row.fresh, "fresh one")}`],
    ["Engine", engineText(entry)],
    ["Machine", machineText(entry)],
    ...harness(envelope),
    ...otherEntries(document, entry),
    ...sameCounts(document, entry),
  ];
  return el(
    "header",
    { class: "entry-head" },
    el("h1", { class: row.regs.length > 60 ? "long" : null }, `${row.arch} ${row.regs}`),
    el(
      "p",
      { class: "standing" },
      stateBadge(document, standing),
      " ",
      standingSentence(standing),
      " ",
      ...(standing.reason === null ? [] : ["Reason given: ", el("bdi", {}, standing.reason), " "]),
      el("a", { href: trustAddress(standing.state) }, "What this proves, and what not"),
    ),
    notes(document, entry),
    el(
      "dl",
      { class: "facts" },
      ...facts.map(([term, ...children]) =>
        el("div", {}, el("dt", {}, term), el("dd", {}, ...children)),
      ),
    ),
  );
}

/** Isolated: a name that runs from right to left would take the digest's digits with it. */
function signer(document: Document, { row }: EntryModel["entry"]): Child {
  return html(document, "bdi", {}, row.signer.name ?? "a key without a name");
}

/** Short to read, whole to copy. */
function digest(document: Document, text: string): HTMLElement {
  return html(document, "code", { class: "digest", title: text }, shortDigest(text));
}

function engineText({ row: { engine } }: EntryModel["entry"]): string {
  const { library, device, precision, deterministic } = engine;
  const repeatable = deterministic ? "deterministic" : "not deterministic";
  return `${library} on ${device}, ${precision}, ${repeatable} (declared)`;
}

function machineText({ row: { machine } }: EntryModel["entry"]): string {
  const { cpu, cores, threads, gpus, memoryBytes, os } = machine;
  const size = [plural(cores, "core"), `${plural(threads, "thread")} a run`, ...gpus];
  return `${[cpu, ...size, gibibytes(memoryBytes), os].join(", ")} (declared)`;
}

function harness(envelope: EntryModel["envelope"]): [string, Child][] {
  const words = harnessWords(envelope);
  return words === null ? [] : [["Harness", words]];
}

/** A configuration counts once: by this entry, or by one that is named here. */
function otherEntries(
  document: Document,
  { supersedes, row }: EntryModel["entry"],
): [string, Child][] {
  const link = (id: string) => html(document, "a", { href: `/entries/${id}/` }, shortDigest(id));
  const { supersededBy } = row.standing;
  const { representedBy } = row;
  return [
    ...(representedBy === null
      ? []
      : [["Counted in ranks and statistics", link(representedBy)] as [string, Child]]),
    ...(supersedes === null ? [] : [["Replaces", link(supersedes)] as [string, Child]]),
    ...(supersededBy === null ? [] : [["Replaced by", link(supersededBy)] as [string, Child]]),
  ];
}

/** Also of a row that is not disputed, as it completed a challenge: its panel weighs nothing. */
function sameCounts(document: Document, { row }: EntryModel["entry"]): [string, ...Child[]][] {
  const { sameCountsAs, weighs } = row.standing;
  if (sameCountsAs === null) return [];
  const link = html(
    document,
    "a",
    { href: `/entries/${sameCountsAs}/` },
    shortDigest(sameCountsAs),
  );
  return [["Same counts as", link, ...(weighs ? [] : [", so it weighs nothing in statistics"])]];
}

function notes(document: Document, { row }: EntryModel["entry"]): HTMLElement | null {
  if (row.notes.length === 0) return null;
  const items = row.notes.map((note) => html(document, "li", {}, ...noteWords(document, note)));
  return html(
    document,
    "div",
    { class: "notice", id: "notes" },
    html(document, "p", { class: "title" }, "Noted about this entry"),
    html(document, "ul", {}, ...items),
  );
}

/** The server's notes name an entry by its whole digest; here it is short, and a link. */
function noteWords(document: Document, { kind, text, entry }: Note): Child[] {
  if (kind === "operator") return ["The operator: ", html(document, "bdi", {}, text)];
  if (entry === null) return [text];
  const link = html(document, "a", { href: `/entries/${entry}/` }, shortDigest(entry));
  const [before, after] = text.split(entry);
  return after === undefined ? [text, " ", link] : [before!, link, after];
}
