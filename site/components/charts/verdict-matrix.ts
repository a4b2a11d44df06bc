/** @file The verdict matrix: what each regularizer changes in each architecture, marked by the tests. */

import type { VNode } from "preact";
import { type Child, h } from "../../markup/element.ts";
import { QUANTITY_WORDS } from "../../../record/board/comparison-words.ts";
import { FAMILIES, regularizerFamily } from "../../charts/families.ts";
import { pValue, percent, plural } from "../../charts/numbers.ts";
import { compareAddress } from "../../data/entry-address.ts";
import {
  CHANGED,
  type Change,
  type ChangeMatrix,
  type Lowering,
  type Changed,
  type MatrixCell,
  lowering,
} from "../../data/regularizer-changes.ts";

/** More lines would be no overview, and more cells too heavy for a page. */
const [MOST_LINES, MOST_CELLS] = [60, 600];

const TITLES: Record<Changed, string> = {
  learnedComplexity: "complexity",
  capacity: "capacity",
  gap: "gap",
  testAccuracy: "test",
};

export function verdictMatrix(matrix: ChangeMatrix, caption: string): VNode {
  const { architectures } = matrix;
  const lines = shownLines(matrix);
  const left = matrix.rows.length - lines.length;
  const top = architectures.map((arch) =>
    h("th", { scope: "colgroup", colspan: CHANGED.length, "data-archs": arch }, arch),
  );
  const second = architectures.flatMap((arch) =>
    CHANGED.map((quantity) =>
      h(
        "th",
        { scope: "col", class: numberClass(quantity), "data-archs": arch },
        h("abbr", { title: `Change of ${QUANTITY_WORDS[quantity]}, points` }, TITLES[quantity]),
      ),
    ),
  );
  return h(
    "div",
    { class: "verdicts" },
    h(
      "div",
      { class: "scroll", role: "region", tabindex: 0, "aria-label": caption },
      h(
        "table",
        { class: "matrix" },
        h("caption", {}, caption),
        h(
          "thead",
          {},
          h("tr", {}, h("th", { scope: "col", rowspan: 2 }, "regularizer"), ...top),
          h("tr", {}, ...second),
        ),
        h("tbody", {}, ...lines.map((line) => matrixLine(line, architectures))),
      ),
    ),
    h(
      "p",
      { class: "faint small" },
      readingWords(matrix),
      " ",
      h("a", { href: "/method/#vocabulary" }, "What the names mean"),
    ),
    left === 0
      ? null
      : h(
          "p",
          { class: "faint small" },
          `${plural(left, "more configuration")}: the board's table.`,
        ),
  );
}

/** Tested ones first, where there are too many; in the matrix's order. */
function shownLines({ rows, architectures }: ChangeMatrix): ChangeMatrix["rows"] {
  const most = Math.min(MOST_LINES, Math.ceil(MOST_CELLS / architectures.length));
  const isTested = ({ cells }: ChangeMatrix["rows"][number]) =>
    [...cells.values()].some(({ changes }) => changes.learnedComplexity.verdict !== "untested");
  const first = [...rows.filter(isTested), ...rows.filter((row) => !isTested(row))];
  const chosen = new Set(first.slice(0, most));
  return rows.filter((row) => chosen.has(row));
}

function matrixLine(
  { regs, cells }: ChangeMatrix["rows"][number],
  architectures: readonly string[],
): VNode {
  const family = regularizerFamily(regs);
  const { color } = FAMILIES[family];
  const sign = h(
    "svg",
    { width: 14, height: 10, "aria-hidden": "true" },
    h("circle", { cx: 5, cy: 5, r: 4, fill: color }),
  );
  return h(
    "tr",
    { "data-family": family, "data-archs": [...cells.keys()].join(" ") },
    h("th", { scope: "row" }, sign, ...breakable(regs)),
    ...architectures.flatMap((arch) => {
      const cell = cells.get(arch);
      return CHANGED.map((quantity) =>
        cell === undefined
          ? h("td", { class: numberClass(quantity), "data-archs": arch })
          : changeCell(cell, quantity, `${arch} ${regs}`),
      );
    }),
  );
}

/** Canonical names have no space: they may break between regularizers, and before what one of them is. */
const breakable = (regs: string): Child[] =>
  regs.split(/(?<=[,:])/).flatMap((part, i) => (i === 0 ? [part] : [h("wbr", {}), part]));

const numberClass = (quantity: Changed) => (quantity === CHANGED[0] ? "number first" : "number");

const MARKS = {
  higher: "▲",
  lower: "▼",
  "not distinguishable": "·",
  "too few shared seeds": "",
  untested: "",
} as const;

function changeCell(
  { entry, none, changes }: MatrixCell,
  quantity: Changed,
  configuration: string,
): VNode {
  const change = changes[quantity];
  const { verdict } = change;
  const text: Child[] = [
    h("span", { class: "mark", "aria-hidden": "true" }, MARKS[verdict]),
    h("span", { class: "visually-hidden" }, `${verdict}: `),
    changeText(change),
  ];
  const leads = quantity === "learnedComplexity" && verdict !== "untested";
  const href = leads ? compareAddress([none, entry]) : null;
  return h(
    "td",
    {
      class: `${numberClass(quantity)} ${verdict.replaceAll(" ", "-")}`,
      title: `${configuration} minus none, ${QUANTITY_WORDS[quantity]}: ${changeWords(change)}`,
      "data-archs": configuration.split(" ", 1)[0]!,
    },
    href === null ? text : h("a", { href }, ...text),
  );
}

/** `−27.1`, `+2.5`; in brackets where nothing was tested. */
function changeText({ difference, verdict }: Change): string {
  if (difference === null) return "–";
  const text = signed(difference);
  return MARKS[verdict] === "" ? `(${text})` : text;
}

const signed = (share: number): string => {
  const text = percent(share);
  return share > 0 && Number(text) !== 0 ? `+${text}` : text;
};

function changeWords({ difference, interval, p, verdict }: Change): string {
  if (difference === null) return "no number of both.";
  const size = `${signed(difference)} points`;
  if (verdict === "untested") return `${size}, a difference of means without a test.`;
  const [low, high] = interval?.map(signed) ?? [];
  const ends = low === undefined ? "" : ` (95 % interval ${low} to ${high})`;
  return `${size}${ends}, ${pValue(p)}: ${verdict}.`;
}

const UNTESTED = "In brackets in this table: a difference of means that was not tested.";

const FEW_TESTS =
  " A board tests those configurations alone that came first, as with every further test all of them could show less; a " +
  "comparison of two entries tests any.";

function readingWords({ rows }: ChangeMatrix): string {
  const changes = rows.flatMap(({ cells }) =>
    [...cells.values()].flatMap((cell) => CHANGED.map((quantity) => cell.changes[quantity])),
  );
  const tests = changes.filter(({ p }) => p !== null).length;
  const isSomeUntested = changes.some(({ verdict }) => MARKS[verdict] === "");
  return [
    "Points against the same network without a regularizer.",
    ...(tests === 0
      ? []
      : [
          `▲ and ▼: the paired t-test over the panel's seeds, Holm-corrected over all ${tests} tests here, shows that it is higher or ` +
            "lower. A dot: not distinguishable, which does not show that nothing changed.",
        ]),
    ...(isSomeUntested ? [`${UNTESTED}${tests > 0 ? FEW_TESTS : ""}`] : []),
    ...(tests > 0 ? ["A change of complexity leads to the comparison of its two entries."] : []),
  ].join(" ");
}

/** What lowers learned complexity, sorted by what the tests say of test accuracy, for each architecture; null without a test. */
export function loweringWords(matrix: ChangeMatrix): VNode | null {
  const items = matrix.architectures.flatMap((arch) => {
    const { raising, undecided, costing } = lowering(matrix, arch);
    const parts = [
      ...said("with higher test accuracy", raising),
      ...said("with test accuracy not distinguishable", undecided),
      ...said("with lower test accuracy", costing),
    ];
    if (parts.length === 0) return [];
    return [h("li", { "data-archs": arch }, h("strong", {}, arch), h("ul", {}, ...parts))];
  });
  if (items.length === 0) return null;
  return h(
    "div",
    { class: "lowering" },
    h("p", {}, "What lowers learned complexity:"),
    h("ul", {}, ...items),
    h(
      "p",
      { class: "faint small" },
      "With each the mean change of test accuracy in points, whether or not a test tells it from none.",
    ),
  );
}

/** With the size, as what few seeds do not tell apart may be large. */
const said = (what: string, found: readonly Lowering[]): VNode[] =>
  found.length === 0 ? [] : [h("li", {}, `${what}: ${found.map(loweringText).join("; ")}`)];

const loweringText = ({ regs, test: { difference } }: Lowering): string =>
  difference === null ? regs : `${regs} (${signed(difference)})`;
