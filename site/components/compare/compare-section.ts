/** @file Two to five entries side by side. */

import { entryAddress, referenceAddress } from "../../data/entry-address.ts";
import type { Comparison } from "../../../record/board/comparison.ts";
import {
  FEWEST_SEEDS,
  QUANTITY_WORDS,
  type Quantity,
  areOrdersOpposite,
  pointsText,
} from "../../../record/board/comparison-words.ts";
import { MOST_COMPARED } from "../../../record/most-compared.ts";
import { differenceText } from "../../../record/statement/difference-words.ts";
import type { ComparisonDocument } from "../../../record/answers/documents.ts";
import type { VNode } from "preact";
import { type Child, h } from "../../markup/element.ts";
import { type Cell, table } from "../../markup/table.ts";
import { type DifferencesRow, pairedDifferencesFigure } from "../../charts/paired-differences.ts";
import { stateBadge } from "../base/state-badge.ts";
import { pValue, plural, shortDigest } from "../../charts/numbers.ts";
import type { EntryHome } from "../../data/entry-model.ts";
import { BOARD_COLUMNS } from "../../data/table-columns.ts";

interface Around {
  /** Of the entries, in their order; the board's own unless given. */
  homes?: readonly EntryHome[];
  /** Pictures, or what stands there until they are drawn. */
  overlays?: Child;
  /** Further entries that were asked for. */
  left?: number;
}

export function compareSection(
  comparison: ComparisonDocument,
  { homes = [], overlays = null, left = 0 }: Around = {},
): VNode {
  const { rows, protocol } = comparison;
  const addresses = rows.map(({ entry }, i) =>
    homes[i] === "/reference" ? referenceAddress(entry) : entryAddress(entry),
  );
  return h(
    "article",
    { class: "compare", "data-newest": newest(rows) },
    h(
      "h1",
      {},
      `${rows.length} entries of `,
      h("span", { class: "whole" }, protocol.name),
      " side by side",
    ),
    letters(rows, addresses),
    left === 0
      ? null
      : h("p", {}, `At most ${MOST_COMPARED} are compared: ${plural(left, "other")} left out.`),
    unequal(comparison),
    said(comparison.comparisons),
    sideBySide(comparison, addresses),
    h(
      "section",
      { "aria-label": "Forest plot" },
      pairedDifferencesFigure(differenceRows(comparison)),
    ),
    overlays === null
      ? null
      : h(
          "section",
          { "aria-label": "Over training and by depth" },
          h("div", { "data-part": "overlays" }, overlays),
        ),
  );
}

const newest = (rows: ComparisonDocument["rows"]) =>
  rows.map(({ receivedAt }) => receivedAt).reduce((a, b) => (a > b ? a : b));

/** What was found first; what could not be told apart is said, too. */
function said(comparisons: readonly Comparison[]): VNode {
  const isFound = ({ verdict }: Comparison) =>
    verdict === "a is higher" || verdict === "a is lower";
  const found = comparisons.filter(isFound);
  const others = comparisons.filter((each) => !isFound(each));
  return h(
    "section",
    { class: "said", "aria-labelledby": "said" },
    h("h2", { id: "said" }, "What the tests allow to be said"),
    found.length > 0
      ? byQuantity(found)
      : h("p", {}, "No difference among these is shown to be more than chance."),
    opposed(comparisons),
    others.length > 0
      ? h(
          "details",
          { class: "more", open: found.length === 0 ? true : null },
          h("summary", {}, `What they do not allow (${others.length})`),
          byQuantity(others),
        )
      : null,
    h("p", { class: "faint small" }, testText(comparisons)),
  );
}

/** Where the two numbers of complexity disagree, and both tests say so. */
function opposed(comparisons: readonly Comparison[]): VNode | null {
  const pairs = [...Map.groupBy(comparisons, ({ a, b }) => `${a} ${b}`).values()].filter(
    areOrdersOpposite,
  );
  if (pairs.length === 0) return null;
  const named = pairs.map(([{ a, b } = comparisons[0]!]) => `${letter(a)} and ${letter(b)}`);
  return h(
    "p",
    {},
    `Learned complexity and capacity put these in opposite orders: ${named.join("; ")}.`,
  );
}

/** Which letter is which entry, before any sentence uses one. */
function letters(rows: ComparisonDocument["rows"], addresses: readonly string[]): VNode {
  const items = rows.map((row, i) =>
    h(
      "li",
      {},
      h("strong", {}, letter(i)),
      " ",
      h("a", { href: addresses[i] }, `${row.arch} ${row.regs}`),
    ),
  );
  return h("ul", { class: "letters" }, ...items);
}

/** What decides numbers and is not the same in all: before any conclusion. */
function unequal({ differences }: ComparisonDocument): VNode | null {
  if (differences.length === 0) return null;
  return h(
    "section",
    { class: "said", "aria-labelledby": "unequal" },
    h("h2", { id: "unequal" }, "What else differs between them"),
    h(
      "ul",
      {},
      ...differences.map((each) =>
        h(
          "li",
          {},
          `${differenceText(
            each,
            each.values.map((_, place) => letter(place)),
          )}.`,
        ),
      ),
    ),
    h("p", { class: "faint small" }, "As the signers declare it; nobody can check it."),
  );
}

/** Ten pairs have fifty sentences: five lists are easier to read than one. */
function byQuantity(some: readonly Comparison[]): VNode {
  const lists = [...Map.groupBy(some, ({ quantity }) => quantity).values()].map((each) =>
    h("ul", {}, ...each.map((comparison) => h("li", {}, sentenceOf(comparison)))),
  );
  return h("div", { class: "sentences" }, ...lists);
}

/** Columns that each entry's own heading, or its first line, already shows, or that have no meaning here. */
const IN_HEADINGS = ["configuration", "tier", "entry"];

/** A column for each entry, a line for each number. */
function sideBySide({ rows, protocol }: ComparisonDocument, addresses: readonly string[]): VNode {
  const lines = BOARD_COLUMNS.filter(({ id }) => !IN_HEADINGS.includes(id));
  return table(
    `Entries of ${protocol.name}`,
    [
      { title: "Quantity" },
      ...rows.map((row, i) => ({ title: `${letter(i)}: ${row.arch} ${row.regs}` })),
    ],
    [
      ["Entry", ...rows.map((row, i): Cell => ({ content: link(row, addresses[i]!) }))],
      ...lines.map(({ id, title, ...column }) => [
        title,
        ...rows.map((row): Cell => {
          if (id === "state") return { content: stateBadge(row.standing) };
          const { text, help } = column.cell(row);
          return { content: h("span", { title: help }, text) };
        }),
      ]),
    ],
  );
}

function link({ entry, signer }: ComparisonDocument["rows"][number], address: string) {
  const name = signer.name === null ? null : h("bdi", {}, signer.name);
  return h("a", { href: address }, shortDigest(entry), name && " by ", name);
}

/** What the forest plot draws. */
function differenceRows({ comparisons }: ComparisonDocument): DifferencesRow[] {
  const quantities = Object.keys(QUANTITY_WORDS) as Quantity[];
  return quantities.map((quantity) => ({
    title: QUANTITY_WORDS[quantity],
    pairs: comparisons
      .filter((each) => each.quantity === quantity)
      .map(({ a, b, difference, verdict }) => ({
        label: `${letter(a)} − ${letter(b)}`,
        difference,
        significant: verdict === "a is higher" || verdict === "a is lower",
        verdict: verdict.replace(/^a is/, `${letter(a)} is`),
      })),
  }));
}

/** `A`, `B`, ... for the entries in the order asked for. */
export function letter(place: number): string {
  return String.fromCharCode(65 + place);
}

/** What a paired test allows to be said of two entries, never more: one sentence. */
export function sentenceOf(comparison: Comparison): string {
  const { quantity, a, b, difference, verdict, seeds } = comparison;
  const [first, second] = [letter(a), letter(b)];
  const title = QUANTITY_WORDS[quantity];
  if (difference === null || verdict === "too few shared seeds")
    return `The ${title} of ${first} and ${second} cannot be compared: they share ${plural(seeds.length, "seed that has it", "seeds that have it")}, and it takes ${FEWEST_SEEDS}.`;
  if (verdict === "not distinguishable") return `${indistinct(comparison)}.`;
  const way = verdict === "a is higher" ? "higher" : "lower";
  const size = pointsText(Math.abs(difference.mean));
  return `The ${title} of ${first} is ${size} points ${way} than that of ${second} (${pText(comparison)}).`;
}

function indistinct(comparison: Comparison): string {
  const { quantity, a, b, identical } = comparison;
  const of = `The ${QUANTITY_WORDS[quantity]} of ${letter(a)} and ${letter(b)} is`;
  if (identical) return `${of} the same with every seed that both have run`;
  const [critical, detectable] = [
    comparison.criticalDifference,
    comparison.detectableDifference,
  ].map((share) => pointsText(share!));
  return (
    `${of} not distinguishable (${pText(comparison)}): over these seeds an observed difference had to exceed ` +
    `${critical} points; a true one of ${detectable} points would be found with power .8`
  );
}

/** `p = .012`, with the exact test's beside it where there are pairs enough. */
function pText({ p, signFlipP }: Comparison): string {
  const whole = (each: number | null) => pValue(each).replaceAll(" ", "\u00a0");
  return signFlipP === null ? whole(p) : `${whole(p)}; exact sign-flip ${whole(signFlipP)}`;
}

/** What the p-values are of. */
export function testText(comparisons: readonly Comparison[]): string {
  const seeds = comparisons.map((each) => each.seeds.length);
  const [fewest, most] = [Math.min(...seeds), Math.max(...seeds)];
  const over = fewest === most ? `${most}` : `${fewest} to ${most}`;
  const tests = comparisons.filter(({ p }) => p !== null).length;
  const corrected = tests < 2 ? "" : `, Holm-corrected over all ${tests} tests shown`;
  return `p: paired t-test over the ${over} seeds that both have run${corrected}.${signFlipText(comparisons)}`;
}

function signFlipText(comparisons: readonly Comparison[]): string {
  const isShown = comparisons.some(({ signFlipP }) => signFlipP !== null);
  return isShown ? " The exact sign-flip p beside it is not corrected." : "";
}
