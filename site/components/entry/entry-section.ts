/** @file An entry's page, drawn at build, or by the island for an entry newer than that. */

import type { VNode } from "preact";
import { type Child, h } from "../../markup/element.ts";
import { CSV, fileLink } from "../../markup/file-link.ts";
import { table } from "../../markup/table.ts";
import type { EntryModel } from "../../data/entry-model.ts";
import { redrawTable, runTable, runsCsv } from "../../data/run-rows.ts";
import { protocolFacts } from "../../data/protocol-facts.ts";
import { challengers } from "./challengers.ts";
import { entryMeasures } from "./entry-measures.ts";
import { entryNumbers } from "./entry-numbers.ts";
import { bytes, challenge, check, command, reproductions, timeline } from "./entry-evidence.ts";
import type { Note } from "../../../record/board/board-row.ts";
import { stateBadge } from "../base/state-badge.ts";
import { gibibytes, minute, percentInterval, plural, shortDigest } from "../../charts/numbers.ts";
import {
  REFERENCE_TRUST,
  REFERENCE_WORDS,
  standingSentence,
  trustAddress,
} from "../../data/state-words.ts";
import { type Unit, intervalCell } from "../../data/interval-cell.ts";
import type { Estimate } from "../../../record/summary.ts";
import { citable, entryCitation } from "./entry-citation.ts";
import { entryCode } from "./entry-code.ts";

/** Its pictures, or what stands there until they are drawn: an island fetches the chart library late. */
interface EntryPictures {
  charts: Child;
  ladder: Child;
  heads: Child;
}

/** @param origin of the site, where the build knows it. */
export function entrySection(
  model: EntryModel,
  { charts, ladder, heads }: EntryPictures,
  origin = "",
): VNode {
  const { entry, home } = model;
  const { row } = entry;
  return h(
    "article",
    {
      class: "entry",
      "data-entry": row.entry,
      "data-newest": row.receivedAt,
      "data-home": home || null,
    },
    entryHead(model, origin),
    overTraining(charts),
    entryNumbers(model, ladder),
    byHead(heads),
    entryMeasures(model),
    entryCode(model),
    check(model),
    timeline(model),
    challenge(model),
    challengers(model),
    reproductions(model),
    runs(model),
    command(model),
    bytes(model),
  );
}

function overTraining(charts: Child): VNode {
  return h(
    "section",
    { "aria-labelledby": "charts" },
    h("h2", { id: "charts" }, "Over training, and by depth"),
    h("div", { "data-part": "charts" }, charts),
  );
}

/** Null for an entry without a run that finished an epoch. */
function byHead(heads: Child): VNode | null {
  if (heads === null) return null;
  return h(
    "section",
    { "aria-labelledby": "heads" },
    h("h2", { id: "heads" }, "Head by head"),
    h("div", { "data-part": "heads" }, heads),
  );
}

function runs({ entry, runs, home }: EntryModel): VNode | null {
  const facts = protocolFacts(entry.protocol.name);
  if (runs === null || facts === undefined) return null;
  const { columns, rows } = runTable(runs, facts.headline);
  const redraws = redrawTable(runs, facts);
  const harness = entry.harness?.version ?? null;
  return h(
    "section",
    { "aria-labelledby": "runs" },
    h("h2", { id: "runs" }, "Runs as raw counts"),
    h(
      "p",
      { class: "faint" },
      "Every accuracy, gap, learned complexity, capacity, equivalent width and selectivity above is computed from " +
        "these counts, and from those of every epoch, head and redraw in the JSON. Losses, bits, effective rank, the " +
        "rungs spectrum and leverages, and time are declared: no count shows them.",
    ),
    table("One row a run; counts of random labels one for each draw", columns, rows),
    h(
      "p",
      { class: "faint small" },
      fileLink(
        "These runs as CSV",
        "one row a run, every number",
        `runs-${entry.row.entry.slice(0, 12)}.csv`,
        CSV,
        runsCsv(entry, runs, { headline: facts.headline, harness }),
      ),
      ", with the columns that rademark export writes of one's own.",
    ),
    redraws.rows.length === 0
      ? null
      : h(
          "details",
          { class: "behind redraws" },
          h("summary", {}, "Counts of every redraw"),
          table(redraws.caption, redraws.columns, redraws.rows),
          h(
            "p",
            { class: "faint small" },
            "Also in ",
            home === ""
              ? h("a", { href: `/v1/entries/${entry.row.entry}/runs` }, "the runs as JSON")
              : "the signed bytes",
            ", with the other label spaces and taps.",
          ),
        ),
  );
}

/** The top of an entry's page: what it is, where it stands, what that proves, what it says, how it is cited. */
function entryHead(model: EntryModel, origin: string): VNode {
  const { entry, home } = model;
  const { row, protocol } = entry;
  const { standing } = row;
  const cited = citable(model);
  const facts: [term: string, ...Child[]][] = [
    ["Board", h("a", { href: `/boards/${protocol.name}/?entry=${row.entry}` }, protocol.name)],
    ["Signed by", signer(entry), " ", digest(row.signer.key)],
    ["Entry", digest(row.entry)],
    ...(row.code === null
      ? []
      : [["Code", h("a", { href: "#code" }, "from its author's own file")] as [string, Child]]),
    ["Received", minute(row.receivedAt)],
    ["Seeds", seedWords(row)],
    ["Engine", engineText(entry)],
    ["Machine", machineText(entry)],
    ...harness(entry),
    ...otherEntries(model),
    ...sameCounts(model),
  ];
  return h(
    "header",
    { class: "entry-head" },
    h(
      "h1",
      { class: row.arch.length + row.regs.length > 70 ? "long" : null },
      `${row.arch} ${row.regs}`,
    ),
    home === "" ? null : ofTheReference(),
    h(
      "p",
      { class: "standing" },
      stateBadge(standing),
      " ",
      standingSentence(standing),
      " ",
      ...(standing.reason === null ? [] : ["Reason given: ", h("bdi", {}, standing.reason), " "]),
      h("a", { href: trustAddress(standing.state) }, "What this proves, and what not"),
    ),
    notes(model),
    keyNumbers(model),
    h("div", { "data-cite": JSON.stringify(cited) }, entryCitation(cited, origin)),
    h(
      "dl",
      { class: "facts" },
      ...facts.map(([term, ...children]) =>
        h("div", {}, h("dt", {}, term), h("dd", {}, ...children)),
      ),
    ),
  );
}

/** Four numbers for whoever reads no further; the complexities beside their frozen trunk. */
function keyNumbers({ entry: { summary } }: EntryModel): VNode {
  const { learnedComplexity, frozenComplexity, capacity, frozenCapacity } = summary;
  const numbers: [title: string, estimate: Estimate, unit: Unit, frozen: Estimate][] = [
    ["Learned complexity", learnedComplexity, "%", frozenComplexity],
    ["Capacity", capacity, "%", frozenCapacity],
    ["Generalization gap", summary.gap, "points", null],
    ["Test accuracy", summary.testAccuracy, "%", null],
  ];
  return h(
    "dl",
    { class: "key-numbers" },
    ...numbers.map(([title, estimate, unit, frozen]) => {
      const { text, help } = intervalCell(estimate, title, unit, summary.divergence);
      const beside = frozen && `frozen trunk ${percentInterval(frozen)}`;
      return h(
        "div",
        {},
        h("dt", {}, title),
        h("dd", { title: help }, estimate === null ? text : `${text} ${unit}`),
        beside && h("dd", { class: "faint small" }, beside),
      );
    }),
  );
}

function ofTheReference(): VNode {
  return h(
    "div",
    { class: "notice quiet" },
    h("p", { class: "title" }, "An entry of the reference: of another log than this board's."),
    h("p", {}, `${REFERENCE_WORDS} `, h("a", { href: REFERENCE_TRUST }, "What the reference is")),
  );
}

/** Isolated: a name that runs from right to left would take the digest's digits with it. */
function signer({ row }: EntryModel["entry"]): Child {
  return h("bdi", {}, row.signer.name ?? "a key without a name");
}

/** Short to read, whole to copy. */
function digest(text: string): VNode {
  return h("code", { class: "digest", title: text }, shortDigest(text));
}

function seedWords({ panel, fresh }: EntryModel["entry"]["row"]): string {
  const drawn = fresh === 0 ? "none that were" : plural(fresh, "fresh one");
  return `${panel} of the panel, which is public; ${drawn} drawn after the commitment`;
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

function harness({ harness }: EntryModel["entry"]): [string, Child][] {
  const words = harnessWords(harness);
  return words === null ? [] : [["Harness", words]];
}

/** A configuration counts once: by this entry, or by one that is named here. */
function otherEntries({ entry: { supersedes, row }, home }: EntryModel): [string, Child][] {
  const link = (id: string) => h("a", { href: `${home}/entries/${id}/` }, shortDigest(id));
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

/** Also for a row that is not disputed because it completed a challenge: its panel has no weight. */
function sameCounts({ entry: { row }, home }: EntryModel): [string, ...Child[]][] {
  const { sameCountsAs, weighs } = row.standing;
  if (sameCountsAs === null) return [];
  const link = h("a", { href: `${home}/entries/${sameCountsAs}/` }, shortDigest(sameCountsAs));
  return [["Same counts as", link, ...(weighs ? [] : [", so it weighs nothing in statistics"])]];
}

function notes({ entry: { row }, home }: EntryModel): VNode | null {
  if (row.notes.length === 0) return null;
  const items = row.notes.map((note) => h("li", {}, ...noteWords(note, home)));
  return h(
    "div",
    { class: "notice", id: "notes" },
    h("p", { class: "title" }, "Noted about this entry"),
    h("ul", {}, ...items),
  );
}

/** The server's notes name an entry by its whole digest; here it is short, and a link. */
function noteWords({ kind, text, entry }: Note, home: EntryModel["home"]): Child[] {
  if (kind === "operator") return ["The operator: ", h("bdi", {}, text)];
  if (entry === null) return [text];
  const link = h("a", { href: `${home}/entries/${entry}/` }, shortDigest(entry));
  const [before, after] = text.split(entry);
  return after === undefined ? [text, " ", link] : [before!, link, after];
}

/** `0.2.0, commit 0f28024d1c5a, no file changed (declared)`; null where it is not known. */
export function harnessWords(harness: EntryModel["entry"]["harness"]): string | null {
  if (harness === null) return null;
  const { version, git } = harness;
  if (git === null) return `${version}, no commit declared`;
  const files = git.dirty ? "with changed files" : "no file changed";
  return `${version}, commit ${git.commit.slice(0, 12)}, ${files} (declared)`;
}
