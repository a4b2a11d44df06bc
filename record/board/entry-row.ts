/** @file The part of a row that is settled once its result is accepted, and the samples that its ranks are computed from. */

import type { Protocol } from "../protocols.ts";
import { hasBothBounds, runMetrics } from "../metrics.ts";
import type { Run } from "../run.ts";
import { codeOf } from "../statement/result-problems.ts";
import type { Result } from "../statement/statements.ts";
import { summarize } from "../summary.ts";
import { sampleOfRuns } from "../least-variance.ts";
import type { Sample } from "../statistics/t-interval.ts";
import { CONTROL_NUMBERS, RANKED, type Ranked } from "./board-columns.ts";
import type { BoardRow, Note } from "./board-row.ts";

type LaterRanked = "counted" | "representedBy" | "rank";

/** The part of a row that no later statement changes. */
export type FixedRow = Omit<BoardRow, "signer" | "standing" | LaterRanked>;

/** @param receipt the statement's id, and when the log took it. */
export function fixedRow(
  result: Result,
  receipt: { id: string; receivedAt: Date },
  protocol: Protocol,
  notes: Note[],
): FixedRow {
  const { arch, regs, source, regSource, panel, fresh, engine, machine } = result;
  const custom = source !== null || regSource !== null;
  return {
    entry: receipt.id,
    arch,
    regs,
    custom,
    code: custom ? codeOf(result) : null,
    params: runsOf(result)[0]?.params ?? 0,
    ...numbersOf(runsOf(result), protocol),
    panel: panel.length,
    fresh: fresh.length,
    notes,
    engine,
    machine,
    receivedAt: receipt.receivedAt.toISOString(),
  };
}

function runsOf({ panel, fresh }: Result): Run[] {
  return [...panel, ...fresh];
}

type Numbers = "numbers" | "equivalentWidthBound" | "selectivityP" | "divergence";

function numbersOf(runs: Run[], protocol: Protocol): Pick<FixedRow, Numbers> {
  const summary = summarize(runs, protocol);
  const { controls, equivalentWidthBound, selectivityP, divergence } = summary;
  const names = [...RANKED, ...CONTROL_NUMBERS];
  const numbers = Object.fromEntries(
    names.map((name) => [
      name,
      name === "effectiveRank" ? (controls?.effectiveRank ?? null) : summary[name],
    ]),
  ) as FixedRow["numbers"];
  return { numbers, equivalentWidthBound, selectivityP, divergence };
}

/** Over panel and fresh runs alike; null where a run lacks the number, or where there is no run. */
export function entrySamples(result: Result, protocol: Protocol): Record<Ranked, Sample | null> {
  const runs = runsOf(result).map((run) => runMetrics(run, protocol));
  const isNumber = (name: Ranked) => name !== "equivalentWidth" || !hasBothBounds(runs);
  return Object.fromEntries(
    RANKED.map((name) => [name, isNumber(name) ? sampleOfRuns(runs, name, protocol) : null]),
  ) as Record<Ranked, Sample | null>;
}
