/** @file An entry's page, drawn at build, or by the island for an entry newer than that. */

import type { VNode } from "preact";
import { type Child, h } from "../../markup/element.ts";
import { PLUS_MINUS_HELP, table } from "../../markup/table.ts";
import type { EntryModel } from "../../data/entry-model.ts";
import { runTable } from "../../data/run-rows.ts";
import { protocolFacts } from "../../data/protocol-facts.ts";
import { challengers } from "./challengers.ts";
import { bytes, challenge, check, command, reproductions, timeline } from "./entry-evidence.ts";
import type { Note } from "../../../record/board/board-row.ts";
import { stateBadge } from "../base/state-badge.ts";
import { gibibytes, minute, plural, shortDigest } from "../../charts/numbers.ts";
import { standingSentence, trustAddress } from "../../data/state-words.ts";
import { type Unit, intervalCell } from "../../data/interval-cell.ts";
import { decodeBase64 } from "../../../record/signature/base64.ts";
import type { Envelope } from "../../../record/statement/envelope.ts";
import type { Harness } from "../../../record/statement/statements.ts";
import type { Estimate } from "../../../record/summary.ts";
import type { EntryRuns } from "../../../record/answers/documents.ts";
import { tInterval } from "../../../record/statistics/t-interval.ts";

/** @param figures its charts, or what stands there until they are drawn: an island fetches the chart library late. */
export function entrySection(model: EntryModel, figures: Child): VNode {
  const { row } = model.entry;
  return h(
    "article",
    { class: "entry", "data-entry": row.entry, "data-newest": row.receivedAt },
    entryHead(model),
    headline(model),
    check(model),
    timeline(model),
    challenge(model),
    challengers(model.entry),
    reproductions(model.entry),
    charts(figures),
    runs(model),
    command(model),
    bytes(model),
  );
}

function charts(figures: Child): VNode {
  return h(
    "section",
    { "aria-labelledby": "charts" },
    h("h2", { id: "charts" }, "Over training, and by depth"),
    h("div", { "data-part": "charts" }, figures),
  );
}

function runs({ entry, runs }: EntryModel): VNode | null {
  const facts = protocolFacts(entry.protocol.name);
  if (runs === null || facts === undefined) return null;
  const { columns, rows } = runTable(runs, facts.headline);
  return h(
    "section",
    { "aria-labelledby": "runs" },
    h("h2", { id: "runs" }, "Runs as raw counts"),
    h(
      "p",
      { class: "faint" },
      "Every accuracy, gap and complexity above is computed from these counts, and from those of every epoch and " +
        "head in the JSON. Bits, effective rank and time are declared: no count shows them.",
    ),
    table("One row a run; counts of random labels one for each draw", columns, rows),
  );
}

/** The top of an entry's page: what it is, where it stands, what that proves. */
function entryHead({ entry, envelope }: EntryModel): VNode {
  const { row, protocol } = entry;
  const { standing } = row;
  const facts: [term: string, ...Child[]][] = [
    ["Board", h("a", { href: `/boards/${protocol.name}/?entry=${row.entry}` }, protocol.name)],
    ["Signed by", signer(entry), " ", digest(row.signer.key)],
    ["Entry", digest(row.entry)],
    ["Received", minute(row.receivedAt)],
    ["Seeds", `${row.panel} of the panel, ${plural(row.fresh, "fresh one")}`],
    ["Engine", engineText(entry)],
    ["Machine", machineText(entry)],
    ...harness(envelope),
    ...otherEntries(entry),
    ...sameCounts(entry),
  ];
  return h(
    "header",
    { class: "entry-head" },
    h("h1", { class: row.regs.length > 60 ? "long" : null }, `${row.arch} ${row.regs}`),
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
    notes(entry),
    h(
      "dl",
      { class: "facts" },
      ...facts.map(([term, ...children]) =>
        h("div", {}, h("dt", {}, term), h("dd", {}, ...children)),
      ),
    ),
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
function otherEntries({ supersedes, row }: EntryModel["entry"]): [string, Child][] {
  const link = (id: string) => h("a", { href: `/entries/${id}/` }, shortDigest(id));
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
function sameCounts({ row }: EntryModel["entry"]): [string, ...Child[]][] {
  const { sameCountsAs, weighs } = row.standing;
  if (sameCountsAs === null) return [];
  const link = h("a", { href: `/entries/${sameCountsAs}/` }, shortDigest(sameCountsAs));
  return [["Same counts as", link, ...(weighs ? [] : [", so it weighs nothing in statistics"])]];
}

function notes({ row }: EntryModel["entry"]): VNode | null {
  if (row.notes.length === 0) return null;
  const items = row.notes.map((note) => h("li", {}, ...noteWords(note)));
  return h(
    "div",
    { class: "notice", id: "notes" },
    h("p", { class: "title" }, "Noted about this entry"),
    h("ul", {}, ...items),
  );
}

/** The server's notes name an entry by its whole digest; here it is short, and a link. */
function noteWords({ kind, text, entry }: Note): Child[] {
  if (kind === "operator") return ["The operator: ", h("bdi", {}, text)];
  if (entry === null) return [text];
  const link = h("a", { href: `/entries/${entry}/` }, shortDigest(entry));
  const [before, after] = text.split(entry);
  return after === undefined ? [text, " ", link] : [before!, link, after];
}

/** The headline numbers of an entry with the controls without which they cannot be read. */
function headline(model: EntryModel): VNode {
  const isSuppressed = SUPPRESSED_LINE.of(model) !== null;
  const controls = [...CONTROL_LINES, ...(isSuppressed ? [SUPPRESSED_LINE] : [])];
  return h(
    "section",
    { "aria-labelledby": "headline" },
    h("h2", { id: "headline" }, "Numbers and controls"),
    divergence(model),
    h(
      "div",
      { class: "two" },
      block("The network", NETWORK_LINES, model),
      block("The controls beside it", controls, model),
    ),
  );
}

function divergence({ entry }: EntryModel): Child {
  const { divergence } = entry.summary;
  if (divergence === null) return null;
  const text = `Of its runs ${divergence}. A mean over the others would mislead, so there is none.`;
  return h("p", { class: "notice" }, text);
}

const COLUMNS = [
  { title: "Quantity" },
  { title: "Mean ± 95 %", numeric: true, help: PLUS_MINUS_HELP },
] as const;

function block(caption: string, lines: readonly HeadlineLine[], model: EntryModel): VNode {
  const rows = lines.map((line) => [{ content: heading(line) }, { content: number(line, model) }]);
  return table(caption, COLUMNS, rows);
}

/** The meaning below the name: a telephone has no room for a third column. */
function heading({ title, meaning }: HeadlineLine): VNode {
  const explained = h("span", { class: "meaning" }, meaning);
  return h("span", {}, title, explained);
}

function number(line: HeadlineLine, model: EntryModel): VNode {
  const { title, unit, checked } = line;
  const estimate = line.of(model);
  const name = title.replace(/ ·.*$/, "");
  const { text, help } = intervalCell(estimate, name, unit, model.entry.summary.divergence);
  const sign = estimate === null || unit === "" || unit === "bits" ? "" : ` ${unit}`;
  const attributes = {
    title: help,
    "data-number": checked ?? null,
    "data-mean": checked ? (estimate?.mean ?? null) : null,
  };
  return h("span", attributes, `${text}${sign}`);
}

/** `0.2.0, commit 0f28024d1c5a, no file changed (declared)`; null where the bytes are not at hand. */
export function harnessWords(envelope: Envelope | null): string | null {
  const harness = envelope && harnessIn(envelope);
  if (!harness) return null;
  const { version, git } = harness;
  if (git === null) return `${version}, outside a checkout (declared)`;
  const files = git.dirty ? "with changed files" : "no file changed";
  return `${version}, commit ${git.commit.slice(0, 12)}, ${files} (declared)`;
}

/** Null for bytes that are none of a result: whether they hold is for the check to say. */
function harnessIn({ payload }: Envelope): Harness | null {
  const bytes = decodeBase64(payload);
  if (bytes === null) return null;
  try {
    const { harness } = JSON.parse(new TextDecoder().decode(bytes)) as { harness?: Harness };
    return harness ?? null;
  } catch {
    return null;
  }
}

/** The headline numbers of an entry and the controls without which they cannot be read: names, units, meanings. */
interface HeadlineLine {
  title: string;
  unit: Unit;
  meaning: string;
  of(model: EntryModel): Estimate;
  /** The name under which the check in the browser reads it. */
  checked?: "learnedComplexity" | "gap" | "testAccuracy" | "trainAccuracy";
}

const NETWORK_LINES: readonly HeadlineLine[] = [
  {
    title: "Complexity",
    unit: "%",
    meaning: "Random labels its heads know: 0 is chance, 100 all of them.",
    of: ({ entry }) => entry.summary.learnedComplexity,
    checked: "learnedComplexity",
  },
  {
    title: "Generalization gap",
    unit: "points",
    meaning: "Train minus test accuracy.",
    of: ({ entry }) => entry.summary.gap,
    checked: "gap",
  },
  {
    title: "Test accuracy",
    unit: "%",
    meaning: "Of the official test images, at the end.",
    of: ({ entry }) => entry.summary.testAccuracy,
    checked: "testAccuracy",
  },
  {
    title: "Train accuracy",
    unit: "%",
    meaning: "At the end, without augmentation.",
    of: ({ entry }) => entry.summary.trainAccuracy,
    checked: "trainAccuracy",
  },
  {
    title: "Memorised bits per sample · declared",
    unit: "bits",
    meaning: "From the heads' loss, which no count shows.",
    of: ({ entry }) => entry.summary.bits,
  },
  {
    title: "Effective rank · declared",
    unit: "",
    meaning:
      "Of the last tap's features: the exponential of their spectrum's entropy; 0 where none varies between samples.",
    of: ({ entry }) => entry.summary.controls?.effectiveRank ?? null,
  },
];

const CONTROL_LINES: readonly HeadlineLine[] = [
  {
    title: "Refit",
    unit: "%",
    meaning: "Ridge regression on the final features instead of trained heads.",
    of: ({ entry }) => entry.summary.capacity,
  },
  {
    title: "Frozen random trunk",
    unit: "%",
    meaning: "The same refit on the features before any training.",
    of: ({ entry }) => entry.summary.frozenCapacity,
  },
  {
    title: "Refit minus frozen trunk",
    unit: "points",
    meaning: "What training added or took away: refit against refit.",
    of: ({ runs }) => runs && refitMinusFrozen(runs),
  },
  {
    title: "Complexity minus frozen trunk",
    unit: "points",
    meaning:
      "SGD head minus ridge refit of the frozen trunk: also holds how the two are fitted, not training alone.",
    of: ({ entry }) => entry.summary.learnedMinusFrozen,
  },
  {
    title: "Null",
    unit: "%",
    meaning: "What width and number of samples alone would give, by a formula.",
    of: ({ entry }) => entry.summary.countsNull,
  },
  {
    title: "Capacity minus leverages",
    unit: "points",
    meaning: "How far the features lie from a cloud with their spectrum and leverages.",
    of: ({ entry }) => entry.summary.capacityMinusLeverages,
  },
];

/** Shown where there is one. */
const SUPPRESSED_LINE: HeadlineLine = {
  title: "Of the suppressed draw",
  unit: "%",
  meaning: "The random labels that rl= acts on; no part of the complexity.",
  of: ({ entry }) => entry.summary.regularizedComplexity,
};

/** Paired within each run, whose two refits share labels and samples; null where a run lacks one of them. */
export function refitMinusFrozen({ metrics }: Pick<EntryRuns, "metrics">): Estimate {
  const differences = metrics.flatMap(({ capacity, frozenCapacity }) =>
    capacity === null || frozenCapacity === null ? [] : [capacity - frozenCapacity],
  );
  const isWhole = differences.length > 0 && differences.length === metrics.length;
  return isWhole ? tInterval(differences) : null;
}
