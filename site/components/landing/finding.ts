/** @file The finding on the first page; while no verdict stands, that none does. */

import type { VNode } from "preact";
import type { Findings } from "../../../record/replication/findings.ts";
import { count, plural } from "../../charts/numbers.ts";
import { contrastUnit, tallyWords, testWords, verdictWords } from "../../charts/verdict-words.ts";
import { firstFinding } from "../../data/first-finding.ts";
import { h } from "../../markup/element.ts";

export function finding(findings: Findings): VNode {
  const first = firstFinding(findings);
  return h(
    "section",
    { class: "finding", "aria-labelledby": "finding" },
    h("h2", { id: "finding" }, "What came of the papers’ claims"),
    ...(first === null ? awaited(findings) : found(first)),
  );
}

function found({ id, words, verdicts, decided }: NonNullable<ReturnType<typeof firstFinding>>) {
  const { network, test } = decided;
  const tested =
    test === null
      ? ""
      : ` (${testWords(id, test)} ${contrastUnit(id)}, interval corrected for all tests)`;
  return [
    h("p", { class: "claim" }, h("strong", {}, words)),
    h(
      "p",
      {},
      `Tested on runs that anybody can check, this ${tallyWords(verdicts)}. On ${network}: ${verdictWords(decided)}${tested}. `,
      h("a", { href: `/findings/#${id.toLowerCase()}` }, "The test and its runs"),
    ),
    h(
      "p",
      { class: "faint small" },
      "Shown is the first claim or question that any network decides, whichever way, in an order fixed before any verdict stood. ",
      h("a", { href: "/findings/" }, "All verdicts"),
    ),
  ];
}

function awaited({ claims, families, runs }: Findings): VNode[] {
  const contrasts = families.reduce((sum, each) => sum + each.contrasts, 0);
  const asked = claims.filter(({ verdicts }) => verdicts.length > 0).length;
  return [
    h(
      "p",
      {},
      `No verdict stands yet. ${plural(asked, "claim and question", "claims and questions")} are put to ${count(contrasts)} tests that were written down before any run; ` +
        `${plural(runs.listed + runs.unlisted, "run")} are in, and no test has all of its own. `,
      h("a", { href: "/findings/" }, "The tests, and what is there"),
    ),
  ];
}
