/** @file A view's table as text: the headings and cells that the copies are written from. */

import type { BoardRow } from "../../record/board/board-row.ts";
import type { TextTable } from "../markup/latex.ts";
import type { CellView } from "./cell.ts";
import { findColumn, nullShare } from "./table-columns.ts";
import { type Value, csvNames, csvText } from "../../record/csv.ts";

export function copiedTable(rows: readonly BoardRow[], columns: readonly string[]): TextTable {
  const shown = columns.map((id) => findColumn(id)!);
  return {
    titles: shown.map(({ title }) => title),
    isNumeric: shown.map(({ numeric }) => numeric),
    cells: rows.map((row) => shown.map((column) => wholeText(column.cell(row)))),
  };
}

const wholeText = ({ text, whole }: CellView) => whole ?? text;

type NumberName = keyof BoardRow["numbers"];
type Fields = Readonly<Record<string, (row: BoardRow) => Value>>;

/**
 * Shares stay shares; entry and signer always come first. What the API's export of a board has, too, is named and
 * written as there.
 */
export function csv(rows: readonly BoardRow[], columns: readonly string[]): string {
  const shown = columns.filter((id) => id !== "entry");
  const fields = Object.entries(Object.assign({}, SIGNED, ...shown.map(fieldsOf)) as Fields);
  return csvText(
    fields.map(([name]) => name),
    rows.map((row) => fields.map(([, of]) => of(row))),
  );
}

const SIGNED: Fields = {
  entry: ({ entry }) => entry,
  key: ({ signer }) => signer.key,
  name: ({ signer }) => signer.name,
};

const CUSTOM = ({ custom }: BoardRow): Value => (custom ? "yes" : "no");

/** Fields of the columns that are more, or less, than a mean with its interval. */
const OTHERS: Readonly<Record<string, Fields>> = {
  configuration: { arch: ({ arch }) => arch, custom: CUSTOM, regs: ({ regs }) => regs },
  tier: { tier: ({ rank }) => rank?.tier ?? null },
  arch: { arch: ({ arch }) => arch, custom: CUSTOM },
  params: { params: ({ params }) => params },
  regs: { regs: ({ regs }) => regs },
  equivalentWidth: {
    ...intervalFields("equivalentWidth"),
    equivalentWidthBound: ({ equivalentWidthBound }) => equivalentWidthBound,
  },
  selectivity: {
    ...intervalFields("selectivity"),
    selectivityP: ({ selectivityP }) => selectivityP,
  },
  nullShare: {
    nullShare: (row) => nullShare(row)?.mean ?? null,
    nullShareLow: (row) => nullShare(row)?.low ?? null,
    nullShareHigh: (row) => nullShare(row)?.high ?? null,
  },
  seeds: {
    runs: ({ panel, fresh }) => panel + fresh,
    panel: ({ panel }) => panel,
    fresh: ({ fresh }) => fresh,
  },
  state: {
    state: ({ standing }) => standing.state,
    disputedFor: ({ standing }) => standing.disputedFor.join(" "),
    weighs: ({ standing }) => (standing.weighs ? "yes" : "no"),
    sameCountsAs: ({ standing }) => standing.sameCountsAs,
  },
  seconds: {
    ...intervalFields("seconds"),
    device: ({ engine }) => engine.device,
    library: ({ engine }) => engine.library,
    cpu: ({ machine }) => machine.cpu,
    gpus: ({ machine }) => machine.gpus.join("; "),
  },
  receivedAt: { receivedAt: ({ receivedAt }) => receivedAt },
};

function fieldsOf(id: string): Fields {
  return OTHERS[id] ?? intervalFields(id as NumberName);
}

function intervalFields(id: NumberName): Fields {
  const [mean, low, high] = csvNames(id);
  return {
    [mean]: ({ numbers }) => numbers[id]?.mean ?? null,
    [low]: ({ numbers }) => numbers[id]?.low ?? null,
    [high]: ({ numbers }) => numbers[id]?.high ?? null,
  };
}

/** A view as a Markdown table (GitHub flavour). */
export function markdown({ titles, isNumeric, cells }: TextTable): string {
  const rule = isNumeric.map((numeric) => (numeric ? "---:" : "---"));
  const lines = [titles.map(escape), rule, ...cells.map((row) => row.map(escape))];
  return lines.map((line) => `| ${line.join(" | ")} |\n`).join("");
}

/** Names come from strangers: nothing in them is markup. */
function escape(text: string): string {
  return text.replace(/[\\|`*_[\]<>&~#!$]/g, "\\$&").replace(/\s+/g, " ");
}
