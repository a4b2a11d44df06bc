/** @file The images whose random labels most heads know, and fewest: part of the report alone. */

import type { VNode } from "preact";
import { count, plural } from "../../site/charts/numbers.ts";
import { h } from "../../site/markup/element.ts";
import { type KnownLabels, knownLabels } from "./known-labels.ts";
import type { Pictures } from "./training-pictures.ts";
import type { Trained } from "./trained.ts";

/** Of either kind. */
const SHOWN = 12;

/** @param pictures or a sentence that says why there are none. Null where per-sample files are missing. */
export function knownFigure(trained: Trained, pictures: Pictures | string): VNode | null {
  const found = knownLabels(trained);
  if (found === null) return null;
  const { heads, known, spread, runs } = found;
  const rows = Array.from(known.keys());
  const most = rows.toSorted((a, b) => known[b]! - known[a]! || a - b).slice(0, SHOWN);
  const fewest = rows.toSorted((a, b) => known[a]! - known[b]! || a - b).slice(0, SHOWN);
  const { headline } = trained.folder.protocol;
  return h(
    "figure",
    { class: "known" },
    h("h3", {}, "Whose random labels are learned"),
    h(
      "p",
      { class: "faint" },
      `The count beside an image says how many of ${plural(heads, "head")} at the last tap (n = ${headline}; ${plural(runs, "run")}), each told labels of ` +
        `its own, predict its label at the end of training. ${spreadWords(spread)} Images of the same count stand in the data set's order.`,
    ),
    ...(typeof pictures === "string"
      ? [h("p", { class: "faint" }, pictures)]
      : [
          images("Known by most heads", most, found, pictures),
          images("Known by fewest heads", fewest, found, pictures),
        ]),
  );
}

function spreadWords(spread: KnownLabels["spread"]): string {
  if (spread === null) return "Each head knows every label or none, so images cannot differ.";
  const { ratio, chance } = spread;
  const chanceWords = `1.00 ± ${chance.toFixed(2)} where it does not matter which image it is`;
  const found = `The counts vary ${ratio.toFixed(2)} times as much as chance alone gives (${chanceWords}, in 95 of 100 cases)`;
  if (ratio > 1 + chance)
    return `${found}: some images' labels are learned more readily than others', whatever the label.`;
  if (ratio < 1 - chance) return `${found}: the heads know different images rather than the same.`;
  return `${found}, so nothing shows that some images are learned more readily, and these lists may be chance.`;
}

function images(
  title: string,
  rows: readonly number[],
  { indices, known, heads }: KnownLabels,
  pictures: Pictures,
): VNode {
  const items = rows.map((row) => {
    const { name, address } = pictures(indices[row]!);
    const words = `${name}, ${count(known[row]!)} of ${count(heads)}`;
    return h("li", {}, h("img", { src: address, alt: "", width: 64, height: 64 }), words);
  });
  return h("div", {}, h("h4", {}, title), h("ul", { class: "images" }, ...items));
}
