/** @file The page of findings below its introduction: where things stand, all verdicts, a section for each claim. */

import type { VNode } from "preact";
import { CLAIMS } from "../../../record/replication/claims.ts";
import type { Findings } from "../../../record/replication/findings.ts";
import { h } from "../../markup/element.ts";
import { claimSection } from "./claim-section.ts";
import { overview, standing } from "./overview.ts";

/** @param pages ids of the reference's entries that have a page on this site. */
export function findingsBody(findings: Findings, pages: readonly string[]): VNode {
  const built = new Set(pages);
  return h(
    "div",
    { class: "findings" },
    standing(findings),
    overview(findings),
    ...CLAIMS.map((claim) => claimSection(claim, findings, (entry) => built.has(entry))),
  );
}
