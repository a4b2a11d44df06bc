/** @file The further measures that an entry's runs carry, where they were asked for. */

import type { VNode } from "preact";
import { h } from "../../markup/element.ts";
import { PLUS_MINUS_HELP, table } from "../../markup/table.ts";
import { decimalInterval, plural } from "../../charts/numbers.ts";
import type { EntryModel } from "../../data/entry-model.ts";
import { intervalHelp, intervalText } from "../../data/interval-cell.ts";
import {
  MEASURE_NUMBERS,
  MEASURE_NUMBER_NAMES,
  type MeasureNumberName,
} from "../../../record/measure-numbers.ts";
import type { Run } from "../../../record/run.ts";
import { tInterval } from "../../../record/statistics/t-interval.ts";

/** Null where no run has any. */
export function entryMeasures({ runs }: EntryModel): VNode | null {
  const all = [...(runs?.panel ?? []), ...(runs?.fresh ?? [])];
  const measured = all.filter(({ measures }) => measures !== null);
  if (measured.length === 0) return null;
  const { version } = measured[0]!.measures!;
  const rows = MEASURE_NUMBER_NAMES.flatMap((name) => row(name, all) ?? []);
  const few = measured.length < all.length;
  return h(
    "section",
    { "aria-labelledby": "measures" },
    h("h2", { id: "measures" }, "Further measures"),
    h(
      "p",
      { class: "faint" },
      `Of weights, scores and features, asked for by --measures; definitions ${version} of `,
      h("a", { href: "/method/#measures" }, "the method"),
      ". What is declared nobody can recompute from counts; products, path norm, sharpness and PAC-Bayes are natural logarithms. ",
      few
        ? `Of ${plural(all.length, "run")} ${measured.length} have them, so there is no mean.`
        : "",
    ),
    few
      ? null
      : table(
          "Means over the runs",
          [{ title: "Measure" }, { title: "Mean ± 95 %", numeric: true, help: PLUS_MINUS_HELP }],
          rows,
        ),
  );
}

/** Null where a run lacks it. */
function row(name: MeasureNumberName, runs: readonly Run[]) {
  const { title, declared, of, samples } = MEASURE_NUMBERS[name];
  const values = runs.map((run) => of(run)).filter((value) => value !== null);
  if (values.length < runs.length) return null;
  const counts = runs.flatMap((run) => samples(run) ?? []);
  const counted = counts.length === 0 ? null : Math.min(...counts);
  const least = counted === null ? 0 : 1 / counted ** 2 / 12; // a count moves in steps
  const estimate = tInterval(values, least);
  const unit = counted === null ? "" : "%";
  const text =
    counted === null ? decimalInterval(estimate, 2) : `${intervalText(estimate, unit)} %`;
  const named = h("span", {}, `${title}${declared ? " · declared" : ""}`);
  return [
    [
      { content: named },
      { content: h("span", { title: intervalHelp(estimate, title, unit) }, text) },
    ],
  ];
}
