/** @file The finding on the first page; while no verdict stands, that none does. */

import type { VNode } from "preact";
import type { Findings, Verdict } from "../../../record/replication/findings.ts";
import { count, plural } from "../../charts/numbers.ts";
import { contrastNumber, contrastUnit, testWords } from "../../charts/verdict-words.ts";
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
  const [first, ...others] = verdictsByStatus(verdicts, decided);
  return [
    h("p", { class: "claim" }, "Put to the test: ", h("strong", {}, words)),
    h(
      "p",
      {},
      h("strong", {}, first),
      `${[...others, notYetRun(verdicts)].join("")}. ${effectWords(id, decided)}Anybody can check the runs. `,
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

const ON = { holds: "holds on", fails: "fails on", inconclusive: "inconclusive on" } as const;

/** `Fails on mlp-128`, `, inconclusive on mlp-256`: that of the network whose effect is told first. */
function verdictsByStatus(verdicts: readonly Verdict[], { status: first }: Verdict): string[] {
  const statuses = ["holds", "fails", "inconclusive"] as const;
  const inOrder = statuses.toSorted((a, b) => Number(b === first) - Number(a === first));
  const said = inOrder.flatMap((status) => {
    const networks = verdicts.filter((each) => each.status === status);
    return networks.length === 0 ? [] : [`${ON[status]} ${inARow(networks)}`];
  });
  return said.map((text, i) => (i === 0 ? capital(text) : `, ${text}`));
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function inARow(networks: readonly Verdict[]): string {
  const names = networks.map(({ network }) => network);
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(", ")} and ${names.at(-1)!}`;
}

function notYetRun(verdicts: readonly Verdict[]): string {
  const open = verdicts.filter(({ status }) => status === "not yet run").length;
  return open === 0 ? "" : `, not yet run on ${plural(open, "other")}`;
}

/** How large it is beside what the claim asks for; a claim about equal bits has no size. */
function effectWords(id: string, { network, test, margin }: Verdict): string {
  if (test === null) return "";
  const [unit, least] = [contrastUnit(id), margin === 0 ? "0" : contrastNumber(id, margin)];
  return (
    `On ${network} the effect is ${testWords(id, test)} ${unit}, where the claim needs more than ${least} ` +
    "(interval corrected for all tests). "
  );
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
