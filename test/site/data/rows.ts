/** @file Rows of a board, and its page as the API answers it: its own schema reads the query, with its defaults. */

import { isRanked } from "../../../record/board/board-columns.ts";
import { BoardRow, type BoardPage, BoardQuery } from "../../../record/board/board-row.ts";
import type { State } from "../../../record/board/standing.ts";
import { isHiddenState } from "../../../record/board/states.ts";
import type { Interval } from "../../../record/statistics/interval.ts";

export const digest = (n: number) => n.toString(16).padStart(64, "0");

export const about = (mean: number, half: number | null = 0.01): Interval => ({
  mean,
  low: half === null ? null : mean - half,
  high: half === null ? null : mean + half,
  count: half === null ? 1 : 8,
});

/** Checked by the schema, so that no test stands on a row that no server sends. */
export function aRow(changes: Partial<BoardRow> = {}, state: State = "challenged"): BoardRow {
  const none = { issued: 1, completed: 1 };
  return BoardRow.parse({
    entry: digest(1),
    signer: { key: digest(77), name: "Alice" },
    arch: "mlp-512",
    regs: "none",
    custom: false,
    params: 1_841_162,
    numbers: {
      learnedComplexity: about(0.44),
      gap: about(0.6),
      testAccuracy: about(0.4),
      trainAccuracy: about(1),
      bits: about(2.5),
      effectiveRank: about(80, 2),
      capacity: about(0.6),
      equivalentWidth: about(155.2, 4),
      frozenComplexity: about(0.55),
      frozenCapacity: about(0.5),
      countsNull: about(0.9, null),
      spectrumNull: about(0.7),
      leveragesNull: about(0.65),
      selectivity: about(-0.01),
      seconds: about(12.3, 0.4),
    },
    equivalentWidthBound: null,
    selectivityP: 0.12,
    divergence: null,
    panel: 5,
    fresh: 3,
    standing: {
      state,
      reproductions: { agree: 0, disagree: 0, inconclusive: 0 },
      selfReproduced: false,
      challenges: { byKey: none, byAnybody: none },
      reason: null,
      supersededBy: null,
      disputedFor: state === "disputed" ? ["disagreement"] : [],
      weighs: true,
      sameCountsAs: null,
    },
    notes: [],
    engine: {
      library: "tensorflow 2.21.0",
      device: "cpu",
      deterministic: true,
      precision: "float32",
    },
    machine: {
      os: "linux",
      cpu: "A processor",
      cores: 2,
      threads: 1,
      memoryBytes: 2 ** 34,
      gpus: [],
    },
    receivedAt: "2026-03-01T12:00:00.000Z",
    rank: { low: 1, high: 2, tier: 1 },
    ...changes,
  });
}

/** All different, a hundred configurations of them. */
export function manyRows(count: number): BoardRow[] {
  const row = aRow();
  return Array.from({ length: count }, (_, i) => ({
    ...row,
    entry: digest(i + 1),
    arch: i % 2 === 0 ? "mlp-512" : "cnn-16",
    regs: ["none", "dropout=0.5", "wd=0.005", "ls=0.1", "aug"][i % 5]!,
    numbers: {
      ...row.numbers,
      learnedComplexity: about(((i * 7919) % 10_007) / 10_007),
      testAccuracy: about(((i * 6101) % 10_007) / 10_007),
    },
  }));
}

/** @param rows of the board, hidden ones among them. */
export function answeredPage(rows: readonly BoardRow[], query: URLSearchParams): BoardPage {
  const { sort, order, limit, after, state, custom } = BoardQuery.parse(Object.fromEntries(query));
  const sign = order === "ascending" ? 1 : -1;
  const isWanted = ({ standing }: BoardRow) =>
    state === undefined
      ? !isHiddenState(standing.state)
      : state.split(",").includes(standing.state);
  const mean = ({ numbers }: BoardRow) => (isRanked(sort) ? (numbers[sort]?.mean ?? 0) : 0);
  const sorted = rows.filter(isWanted).sort((a, b) => sign * (mean(a) - mean(b)));
  const start = Number(after ?? 0);
  const count = (hidden: string) => rows.filter(({ standing }) => standing.state === hidden).length;
  return {
    ...{ protocol: { id: digest(9), name: "micro-1" }, sort, order, custom, total: sorted.length },
    hidden: {
      superseded: count("superseded"),
      retracted: count("retracted"),
      quarantined: count("quarantined"),
    },
    logSize: 20_000,
    rows: sorted.slice(start, start + limit),
    next: start + limit < sorted.length ? String(start + limit) : null,
  };
}
