/** @file What anybody needs to redo and to check an entry: the commands, the check in the browser, the challenge. */

import type { VNode } from "preact";
import { type Attributes, type Child, h } from "../../markup/element.ts";
import { PLUS_MINUS_HELP, table } from "../../markup/table.ts";
import { count, day, minute, percent, percentInterval, shortDigest } from "../../charts/numbers.ts";
import type { EntryModel } from "../../data/entry-model.ts";
import type { EntryDocument } from "../../../record/answers/documents.ts";

/** The commands train the configuration again: on a fresh challenge, where the entry's server issues any. */
export function command({ entry, home }: EntryModel): VNode {
  const { row } = entry;
  const { threads } = row.machine;
  const configuration =
    `--protocol ${entry.protocol.name} --arch ${fromFile(row.arch)} --reg ${fromFile(row.regs)} ` +
    `--seeds panel --threads ${threads}`;
  const line = (...words: Child[]) => h("pre", { tabindex: 0 }, h("code", {}, ...words));
  const title = h("h2", { id: "command" }, "Train it again");
  const section = (...children: Child[]) =>
    h("section", { "aria-labelledby": "command" }, title, ...children);
  const trained = line(`npm run -s rademark -- run ${configuration}`);
  if (home !== "")
    return section(
      h(
        "p",
        {},
        "In a clone of the repository: the panel's seeds, which give these counts to the last on such a machine. With ",
        h("code", {}, "--challenge --submit"),
        " it becomes an entry of this board's, on fresh seeds of its own.",
      ),
      trained,
    );
  return section(
    h("p", {}, "In a clone of the repository, against the server that lists it:"),
    line(
      `npm run -s rademark -- repro ${row.entry} --api `,
      origin(),
      ` --threads ${threads}` + (row.custom ? " --allow-custom-code" : ""),
    ),
    h(
      "p",
      { class: "faint" },
      "It fetches a challenge of your own, trains the panel's seeds and fresh ones, compares by the protocol's " +
        "tolerance and signs what came out. The thread count is the entry's: with another one the last bits may " +
        "differ. To train the same configuration without a word to anybody" +
        (row.custom ? ", with the source downloaded from above:" : ":"),
    ),
    trained,
  );
}

/** Custom code is given by its file, whose name it has. */
function fromFile(names: string): string {
  return names.replace(/custom:([a-z0-9-]+)@[0-9a-f]{8}/g, "./$1.ts");
}

/** Filled by the island; without a script it names the command that does the same. */
export function check({ entry, home }: EntryModel): VNode {
  const { row } = entry;
  return h(
    "section",
    { class: "check", "aria-labelledby": "check", "data-check": row.entry },
    h("h2", { id: "check" }, "Check this entry in your browser"),
    h(
      "p",
      {},
      "Fetches the signed bytes and the log's proof, verifies the signature, computes learned complexity, capacity, " +
        "equivalent width, selectivity, gap and accuracies from counts anew and holds the means shown here against them, " +
        "derives the seeds again, and follows the proof to the log's signed root. It shows that nobody changed the entry " +
        "since; not that its submitter told the truth.",
    ),
    h(
      "p",
      {},
      h(
        "button",
        {
          ...{ type: "button", class: "button primary scripted", "data-action": "check" },
          disabled: true,
        },
        "Check now",
      ),
      " ",
      h("noscript", {}, "Your browser runs no script here, so it cannot. "),
      h(
        "span",
        { class: "faint small" },
        "On your own machine: ",
        h("code", {}, `npm run -s rademark -- verify ${row.entry} --api `, origin(), home),
      ),
    ),
    h("div", { "data-part": "checks", role: "status", "aria-live": "polite" }),
  );
}

/** The challenge that it answers, or that it answers none. */
export function challenge({ entry }: EntryModel): VNode | null {
  if (entry.challenge === null) return null;
  const { challenge, outcome } = entry.challenge;
  const ended = outcome === null ? "still open" : `${outcome.outcome} ${minute(outcome.at)}`;
  return h(
    "p",
    { class: "faint" },
    `Its fresh seeds (${challenge.seeds.join(", ")}) follow from a nonce issued ${minute(challenge.issuedAt)}, after ` +
      `the commitment was signed; ${ended}.`,
  );
}

/** The server's address, which only the page in its browser knows. */
function origin(): VNode {
  return h("span", { "data-origin": "" }, "http://127.0.0.1:8787");
}

/** The exact bytes of an entry, to be read here and to be kept. */
export function bytes(model: EntryModel): VNode {
  const { entry, envelope, proof, home } = model;
  const { entry: id } = entry.row;
  const path = `${home}/v1/entries/${id}`;
  const signed = `${home}/v1/log/statements/${id}`;
  const link = (href: string, text: string) => h("li", {}, h("a", { href }, text));
  const file = (href: string, text: string, name: string) =>
    h("li", {}, h("a", { href, download: `rademark-${name}${id.slice(0, 12)}.json` }, text));
  // The reference's are files, and no file stands below another.
  const links =
    home === ""
      ? [
          h("li", {}, h("a", download(id), "Envelope")),
          link(`${path}/proof`, "Inclusion proof"),
          link(`${path}/runs`, "Runs as JSON"),
          link(path, "Entry as JSON"),
          link(`/v1/badge/${id}.svg`, "Badge"),
        ]
      : [
          file(signed, "Envelope and inclusion proof", "signed-"),
          file(path, "Entry as JSON", "entry-"),
        ];
  return h(
    "section",
    { "aria-labelledby": "bytes" },
    h("h2", { id: "bytes" }, "The exact bytes"),
    h("ul", { class: "links" }, ...links),
    envelope === null && entry.row.code !== null ? null : wholeEnvelope(model),
    proof === null ? null : folded("The inclusion proof", JSON.stringify(proof, null, 2)),
  );
}

/** It has as many bytes as the rest of the page: what unfolds is its beginning, or a word, until the island has fetched the whole. */
function wholeEnvelope({ entry, envelope, home }: EntryModel): VNode {
  const { entry: id } = entry.row;
  const whole = h("a", download(id), "Download the whole");
  return h(
    "details",
    { class: "behind", "data-envelope": id },
    h("summary", {}, "The envelope"),
    h("pre", { tabindex: 0 }, h("code", {}, envelope === null ? "…" : envelopeText(envelope))),
    home === "" ? h("p", { class: "faint small" }, whole) : null,
  );
}

function download(id: string): Attributes {
  return { href: `/v1/entries/${id}/envelope`, download: `rademark-${id.slice(0, 12)}.json` };
}

/** The payload is long and base64; its beginning says what it is. */
function envelopeText({ payload, ...rest }: NonNullable<EntryModel["envelope"]>): string {
  const shown =
    payload.length > 400
      ? `${payload.slice(0, 400)}… (${count(payload.length)} characters)`
      : payload;
  return JSON.stringify({ ...rest, payload: shown }, null, 2);
}

function folded(title: string, text: string): VNode {
  const pre: Child = h("pre", { tabindex: 0 }, h("code", {}, text));
  return h("details", { class: "behind" }, h("summary", {}, title), pre);
}

type Reproduction = EntryDocument["reproductions"][number];

/** Who trained it again, and what came out: both numbers, always. */
export function reproductions({ entry, home }: EntryModel): VNode {
  const title = h("h2", { id: "reproductions" }, "Reproductions");
  const section = (...children: Child[]) =>
    h("section", { "aria-labelledby": "reproductions" }, title, ...children);
  if (entry.reproductions.length === 0)
    return section(
      h("p", {}, "Nobody has trained it again yet. ", h("a", { href: "#command" }, "You can.")),
    );
  const columns = [
    { title: "By" },
    { title: "Verdict" },
    ...REPRODUCED.map(({ title }) => ({ title, numeric: true as const })),
    { title: "Date" },
  ];
  const rows = entry.reproductions.map((each) => [
    { content: signer(each) },
    { content: verdict(each) },
    ...REPRODUCED.map(({ quantity }) => ({ content: numbers(each, quantity) })),
    { content: h("time", { datetime: each.receivedAt }, day(each.receivedAt)) },
  ]);
  const caption = "Entry → reproduction, on the reproducer's own fresh seeds";
  return section(
    table(caption, columns, rows),
    h("p", { class: "faint small" }, JUDGED),
    newest(entry, home),
  );
}

const JUDGED =
  `${PLUS_MINUS_HELP} Differences are 90 % intervals: one inside the tolerance agrees, one wholly outside disagrees, and ` +
  "any other is inconclusive.";

const REPRODUCED = [
  { quantity: "learnedComplexity", title: "Learned complexity (%)" },
  { quantity: "capacity", title: "Capacity (%)" },
  { quantity: "testAccuracy", title: "Test accuracy (%)" },
] as const;

function signer({ signer, own }: Reproduction): VNode {
  const name = h("bdi", {}, signer.name ?? shortDigest(signer.key));
  const aside = own ? " (the submitter itself; counts for nothing)" : null;
  return h("span", {}, name, aside);
}

/** Where the others stand; null where all of them are shown. */
function newest({ row, reproductions, totals }: EntryDocument, home: EntryModel["home"]): Child {
  if (totals.reproductions === reproductions.length) return null;
  return h(
    "p",
    { class: "faint" },
    `The newest ${reproductions.length} of ${totals.reproductions}; `,
    logLink(home, "the log", `entry=${row.entry}&kind=reproduction`),
    " has all of them.",
  );
}

/** The reference's log is a file of the repository. */
function logLink(home: EntryModel["home"], text: string, query: string): Child {
  return home === "" ? h("a", { href: `/v1/log/entries?${query}` }, text) : text;
}

function verdict({ verdict, retracted, quarantine, numbers }: Reproduction): VNode {
  const aside = [...(retracted ? ["retracted"] : []), ...(quarantine ? ["quarantined: "] : [])];
  const noisy = REPRODUCED.filter(({ quantity }) =>
    numbers.some((each) => each.quantity === quantity && each.tooNoisy),
  );
  const names = noisy.map(({ title }) => title.replace(" (%)", "").toLowerCase()).join(", ");
  return h(
    "span",
    { class: `verdict ${verdict}` },
    [verdict, ...aside].join(", "),
    quarantine && h("bdi", {}, quarantine),
    noisy.length === 0
      ? null
      : h("span", { class: "meaning" }, `Too noisy to be confirmed with so many seeds: ${names}`),
  );
}

/** Both means, and below them what the verdict rests on. */
function numbers({ numbers }: Reproduction, quantity: string): Child {
  const found = numbers.find((each) => each.quantity === quantity);
  if (found === undefined) return "–";
  const { difference, tolerance } = found;
  const shown = `${percent(found.entry)} → ${percentInterval(found.reproduction)}`;
  if (difference === null || tolerance === null) return shown;
  const judged =
    `difference ${percent(difference.low)} to ${percent(difference.high)}, ` +
    `tolerance ± ${percent(tolerance)}`;
  return h("span", {}, shown, h("span", { class: "meaning" }, judged));
}

/** What happened to an entry, oldest first, each step with its leaf in the log. */
export function timeline({ entry, home }: EntryModel): VNode {
  const items = entry.events.map(({ at, kind, text, digest, index }) =>
    h(
      "li",
      { class: [kind, verdictOf(entry, digest)].join(" ").trim() },
      h("time", { datetime: at }, minute(at)),
      h("p", {}, ...words(kind, text)),
      h(
        "p",
        { class: "faint small" },
        `Leaf ${count(index)} of the log, `,
        h("code", { title: digest }, shortDigest(digest)),
      ),
    ),
  );
  return h(
    "section",
    { "aria-labelledby": "provenance" },
    h("h2", { id: "provenance" }, "Provenance"),
    ...(entry.totals.events > items.length ? [left(entry, home)] : []),
    h("ol", { class: "timeline" }, ...items),
  );
}

/** A reason, after the colon, is in its signer's words, and may run from right to left. */
function words(kind: string, text: string): Child[] {
  const colon = kind === "retracted" || kind === "moderated" ? text.indexOf(": ") + 2 : 0;
  if (colon < 2) return [text];
  return [text.slice(0, colon), h("bdi", {}, text.slice(colon))];
}

/** The verdict of the reproduction that an event is about; empty for any other event. */
function verdictOf({ reproductions }: EntryDocument, digest: string): string {
  return reproductions.find(({ id }) => id === digest)?.verdict ?? "";
}

/** Says that steps are left out between the entry's arrival and the newest ones. */
function left({ row, events, totals }: EntryDocument, home: EntryModel["home"]): VNode {
  return h(
    "p",
    { class: "faint" },
    `How it came, and the newest of what came later: ${events.length} of ${totals.events} steps. `,
    logLink(home, "The log", `entry=${row.entry}`),
    " has all of them.",
  );
}
