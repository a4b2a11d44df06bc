/** @file One claim on the page of findings: what is claimed, the verdicts, the figure, what stands beside them, the entries. */

import type { VNode } from "preact";
import type { Claim } from "../../../record/replication/claims.ts";
import type { Findings, Verdict } from "../../../record/replication/findings.ts";
import { figureOfClaim } from "./claim-figure.ts";
import { percentInterval, plural } from "../../charts/numbers.ts";
import {
  chosenWords,
  contrastNumber,
  contrastUnit,
  controlWords,
  pWords,
  tallyWords,
  testWords,
  untestableWords,
  verdictWords,
  wrongSteps,
} from "../../charts/verdict-words.ts";
import { referenceAddress } from "../../data/entry-address.ts";
import { type Child, h } from "../../markup/element.ts";
import { table } from "../../markup/table.ts";
import { labellings } from "./labellings.ts";

type ClaimFindings = Findings["claims"][number];

/** @param hasPage whether an entry of the reference has a page on this site; its digest is a link then. */
export function claimSection(
  claim: Claim,
  findings: Findings,
  hasPage: (entry: string) => boolean,
): VNode {
  const own = findings.claims.find(({ id }) => id === claim.id)!;
  const { verdicts, untestable } = own;
  const anchor = claim.id.toLowerCase();
  const isCompared = verdicts.length > 0 || claim.id === "Q4";
  const picture = figureOfClaim(claim, verdicts);
  return h(
    "section",
    { class: "claim", "aria-labelledby": anchor },
    h("h2", { id: anchor }, `${claim.id}. ${claim.title}`),
    h("p", {}, claim.claimed),
    picture === null && isCompared
      ? h("p", { class: "faint" }, `What is compared: ${claim.contrast}`)
      : null,
    verdicts.length === 0 ? null : h("p", { class: "tally" }, `${capital(tallyWords(verdicts))}.`),
    claim.id === "Q4" ? labellings(findings.labellings) : null,
    picture,
    verdicts.length === 0 ? null : verdictTable(claim, verdicts),
    notes(verdicts),
    controlTable(claim, verdicts),
    ...untestable.map((each) => h("p", {}, untestableWords(each, findings.networks))),
    runsOf(own, findings, hasPage),
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function verdictTable({ id }: Claim, verdicts: readonly Verdict[]): VNode {
  const isExact = verdicts.every(({ differing }) => differing !== null);
  const columns = [
    { title: "network" },
    { title: "verdict" },
    ...(isExact
      ? []
      : [
          { title: `mean [interval], ${contrastUnit(id)}`, numeric: true as const, help: INTERVAL },
          { title: "margin", numeric: true as const, help: "What the mean has to exceed." },
          { title: "p", numeric: true as const, help: "Of mean = margin; Holm over the family." },
          { title: "seeds", numeric: true as const },
        ]),
  ];
  const rows = verdicts.map((each) => [
    each.network,
    { content: h("strong", {}, verdictWords(each)) },
    ...(isExact
      ? []
      : [
          each.test ? testWords(id, each.test) : "–",
          contrastNumber(id, each.margin),
          each.test ? pWords(each.test) : "–",
          each.test ? String(each.seeds.length) : "–",
        ]),
  ]);
  return table(`Verdicts on ${id}`, columns, rows);
}

const INTERVAL =
  "At the level that Holm's procedure holds this p against, so it leaves the margin out where there is a verdict.";

/** What was taken for the best, every level, and steps that go the other way. */
function notes(verdicts: readonly Verdict[]): Child {
  const items = verdicts.flatMap((each) => {
    const levels = each.levels.filter(({ value }) => value !== null);
    const parts = [
      ...chosenWords(each).map((words) => `taken for the best: ${words}`),
      ...(levels.length === 0
        ? []
        : [levels.map(({ name, value }) => `${name} ${percentInterval(value)} %`).join(", ")]),
      ...wrongSteps(each),
    ];
    return parts.length === 0
      ? []
      : [h("li", {}, h("strong", {}, each.network), `: ${parts.join("; ")}.`)];
  });
  return items.length === 0 ? null : h("ul", { class: "small" }, ...items);
}

function controlTable({ id }: Claim, verdicts: readonly Verdict[]): Child {
  const titles = [...new Set(verdicts.flatMap((each) => each.controls.map(({ title }) => title)))];
  const known = verdicts.filter(({ controls }) => controls.some(({ value }) => value !== null));
  if (titles.length === 0 || known.length === 0) return null;
  const rows = titles.map((title) => [
    title,
    ...known.map(({ controls }) => {
      const found = controls.find((each) => each.title === title);
      return found ? controlWords(id, found.value) : "";
    }),
  ]);
  return h(
    "div",
    {},
    h("h3", {}, "What stands beside it"),
    h(
      "p",
      { class: "faint small" },
      `Means over seeds with 95 % intervals, in ${contrastUnit(id)}. Nothing here is tested. –: not run, or a run diverged.`,
    ),
    table(
      `Controls of ${id}`,
      [
        { title: "control" },
        ...known.map(({ network }) => ({ title: network, numeric: true as const })),
      ],
      rows,
    ),
  );
}

/** Folded: every cell that was read, with the entries that hold its runs. */
function runsOf(
  { id, verdicts }: ClaimFindings,
  { labellings }: Findings,
  hasPage: (entry: string) => boolean,
): Child {
  const networks = id === "Q4" ? labellings : verdicts;
  const rows = networks.flatMap(({ network, cells }) =>
    cells.map(({ name, asked, found, diverged, entries }) => [
      `${network} ${name}`,
      `${found} of ${asked}`,
      diverged === 0 ? "" : String(diverged),
      { content: found === 0 ? "–" : h("span", {}, ...entryLinks(entries, hasPage)) },
    ]),
  );
  if (rows.length === 0) return null;
  return h(
    "details",
    { class: "behind" },
    h("summary", {}, `The runs behind it (${plural(rows.length, "cell")})`),
    table(
      `Runs behind ${id}`,
      [
        { title: "trained" },
        { title: "runs", numeric: true },
        { title: "diverged", numeric: true },
        { title: "entries" },
      ],
      rows,
    ),
  );
}

function entryLinks(entries: readonly string[], hasPage: (entry: string) => boolean): Child[] {
  if (entries.length === 0) return ["not in a log"];
  return entries.flatMap((entry, i) => {
    const digest = h("code", {}, entry.slice(0, 12));
    const link = hasPage(entry) ? h("a", { href: referenceAddress(entry) }, digest) : digest;
    return [i === 0 ? "" : ", ", link];
  });
}
