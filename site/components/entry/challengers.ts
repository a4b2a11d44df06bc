/** @file Who asked for challenges of the configuration, and what became of them: holder by holder. */

import { challengeSentences } from "../../../record/board/challenge-words.ts";
import type { NamedChallenger } from "../../../record/answers/documents.ts";
import type { EntryModel } from "../../data/entry-model.ts";
import type { VNode } from "preact";
import { h } from "../../markup/element.ts";
import { table } from "../../markup/table.ts";
import { count, shortDigest } from "../../charts/numbers.ts";

const COLUMNS = [
  { title: "Holder", help: "Keys that replaced each other are one holder." },
  ...["Issued", "Completed", "Given up", "Expired", "Open"].map((title) => {
    return { title, numeric: true as const };
  }),
];

/** Of the reference there are no lists of challenges to lead to: its log has no server. */
export function challengers({ entry, home }: EntryModel): VNode {
  const { challengers, row } = entry;
  const { arch, regs, standing } = row;
  const configuration = { protocol: entry.protocol.name, arch, regs };
  const asked = standing.challenges.byAnybody.issued;
  return h(
    "section",
    { "aria-labelledby": "challenges" },
    h("h2", { id: "challenges" }, "Challenges of this configuration"),
    h(
      "p",
      {},
      `${challengeSentences(standing).join(" ")} `,
      "Challenges that were begun and not completed are how a lucky pick would show.",
    ),
    challengers.length === 0
      ? null
      : table(
          `Challenges by holder${home === "" ? "; each leads to its own" : ""}`,
          COLUMNS,
          challengers.map((each) => cells(each, home === "" ? configuration : null)),
        ),
    asked === 0 || home !== ""
      ? null
      : h(
          "p",
          { class: "faint" },
          h(
            "a",
            { href: addressOf(configuration) },
            asked === 1 ? "The one challenge" : `All ${count(asked)} challenges`,
          ),
          asked === 1
            ? ", with the reason if it was given up."
            : ", newest first, with the reasons of those given up.",
        ),
  );
}

function cells(each: NamedChallenger, configuration: Record<string, string> | null) {
  const { key, name, own, issued, completed, failed, expired } = each;
  const href = configuration && addressOf({ ...configuration, key });
  const link = h(href === null ? "code" : "a", { href, title: key }, shortDigest(key));
  const named = h("bdi", {}, name ?? "a key without a name");
  const whose = own ? " (this entry's)" : null;
  const open = issued - completed - failed - expired;
  return [
    { content: h("span", {}, named, " ", link, whose) },
    ...[issued, completed, failed, expired, open].map(String),
  ];
}

function addressOf(filters: Record<string, string>): string {
  return `/v1/challenges?${new URLSearchParams(filters).toString()}`;
}
