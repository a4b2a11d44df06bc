/** @file The report as one HTML document that needs nothing but itself. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseHTML } from "linkedom";
import { depthFigure } from "../../site/charts/complexity-by-depth.ts";
import { complexityGapFigure } from "../../site/charts/complexity-gap.ts";
import { type Child, escapeText, html, serialize } from "../../site/charts/element.ts";
import { learningCurvesFigure } from "../../site/charts/learning-curves.ts";
import { regularizerArrowsFigure } from "../../site/charts/regularizer-arrows.ts";
import { arrowsRows, complexityGapRows, depthRows } from "./chart-rows.ts";
import { configurationsTable } from "./configurations-table.ts";
import { learningCurvesRows } from "./curve-rows.ts";
import { details } from "./details.ts";
import { header } from "./header.ts";
import { lead } from "./lead.ts";
import { notices } from "./notices.ts";
import { runsTable } from "./runs-table.ts";
import type { Study } from "./study.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

/**
 * Self-contained HTML: styles and script inside, allowed by their digests alone, everything else forbidden.
 *
 * @param madeAt milliseconds, shown in the header.
 */
export function reportPage(study: Study, madeAt: number): string {
  const style = read("../../site/charts/charts.css") + read("report.css");
  const script = read("page-script.js");
  const policy = [
    "default-src 'none'",
    `style-src '${digest(style)}'`,
    `script-src '${digest(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeText(`Rademark report: ${study.name}`)}</title>`,
    `<style>${style}</style>`,
    "</head>",
    "<body>",
    serialize(main(study, madeAt)),
    `<script>${script}</script>`,
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

const digest = (text: string) => `sha256-${createHash("sha256").update(text).digest("base64")}`;

function main(study: Study, madeAt: number): HTMLElement {
  const document = parseHTML("<!doctype html><html><body></body></html>").document;
  const el = html.bind(null, document);
  const finished = study.configurations.some(({ outcome }) => outcome !== null);
  return el(
    "main",
    {},
    header(study, madeAt, document),
    notices(study, document),
    el("div", { class: "first" }, lead(study, document), map(study, document)),
    el("h2", {}, "Configurations"),
    el("p", { class: "faint" }, PLUS_MINUS),
    configurationsTable(study, document),
    ...charts(study, document),
    finished ? details(study, document) : null,
    el("h2", {}, "Every run"),
    runsTable(study, document),
  );
}

const PLUS_MINUS =
  "Means over seeds. ± is half the width of the 95 % t-interval; a mean without it comes from a single seed. " +
  "– is not measured, or void because a run diverged. Complexities are rescaled: 0 % is chance, 100 % every label. " +
  "Underlined titles explain themselves; select one to sort by it.";

/** Null while there is no point to draw; the notices say why. */
function map(study: Study, document: Document): HTMLElement | null {
  const rows = complexityGapRows(study);
  const placed = rows.some(({ complexity, gap }) => complexity !== null && gap !== null);
  return placed ? complexityGapFigure(rows, document) : null;
}

/** Those that have something to draw. */
function charts(study: Study, document: Document): Child[] {
  const [arrows, curves, depths] = [arrowsRows(study), learningCurvesRows(study), depthRows(study)];
  return [
    arrows.length > 0 ? regularizerArrowsFigure(arrows, document) : null,
    curves.length > 0 ? learningCurvesFigure(curves, document) : null,
    depths.length > 0 ? depthFigure(depths, document) : null,
  ];
}
