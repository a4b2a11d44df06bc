/** @file What anybody needs to redo and to check an entry: the commands, the check in the browser, the challenge. */

import { type Attributes, type Child, html, plusMinusNote, table } from "../../charts/element.ts";
import { count, day, minute, percent, percentInterval, shortDigest } from "../../charts/numbers.ts";
import type { EntryModel } from "../../data/entry-model.ts";
import { bibtex } from "../../data/bibtex.ts";
import type { EntryDocument } from "../../../record/answers/documents.ts";

/** The command trains the configuration again on a fresh challenge and compares by the protocol's tolerance. */
export function command(document: Document, { entry }: EntryModel): HTMLElement {
  const el = html.bind(null, document);
  const { row } = entry;
  const { threads } = row.machine;
  return el(
    "section",
    { "aria-labelledby": "command" },
    el("h2", { id: "command" }, "Train it again"),
    el("p", {}, "In a clone of the repository, against the server that lists it:"),
    el(
      "pre",
      { tabindex: 0 },
      el(
        "code",
        {},
        `npm run -s rademark -- repro ${row.entry} --api `,
        origin(document),
        ` --threads ${threads}`,
      ),
    ),
    el(
      "p",
      { class: "faint" },
      "It fetches a challenge of your own, trains the panel's seeds and fresh ones, compares by the protocol's " +
        "tolerance and signs what came out. The thread count is the entry's: with another one the last bits may " +
        "differ. To train the same configuration without a word to anybody:",
    ),
    el(
      "pre",
      { tabindex: 0 },
      el(
        "code",
        {},
        `npm run -s rademark -- run --protocol ${entry.protocol.name} --arch ${row.arch} --reg ${row.regs} ` +
          `--seeds panel --threads ${threads}`,
      ),
    ),
  );
}

/** Filled by the island; without a script it names the command that does the same. */
export function check(document: Document, { entry }: EntryModel): HTMLElement {
  const el = html.bind(null, document);
  const { row } = entry;
  return el(
    "section",
    { class: "check", "aria-labelledby": "check", "data-check": row.entry },
    el("h2", { id: "check" }, "Check this entry in your browser"),
    el(
      "p",
      {},
      "Fetches the signed bytes and the log's proof, verifies the signature, computes every number from counts " +
        "anew and holds the four headline means shown here against them, derives the seeds again, and follows the " +
        "proof to the log's signed root. It shows that nobody changed the entry since; not that its submitter told " +
        "the truth.",
    ),
    el(
      "p",
      {},
      el(
        "button",
        { type: "button", class: "button primary", "data-action": "check", disabled: true },
        "Check now",
      ),
      " ",
      el(
        "span",
        { class: "faint small" },
        "Or on your own machine: ",
        el("code", {}, `npm run -s rademark -- verify ${row.entry} --api `, origin(document)),
      ),
    ),
    el("div", { "data-part": "checks", role: "status", "aria-live": "polite" }),
  );
}

/** The challenge that it answers, or that it answers none. */
export function challenge(document: Document, { entry }: EntryModel): HTMLElement | null {
  if (entry.challenge === null) return null;
  const { challenge, outcome } = entry.challenge;
  const ended = outcome === null ? "still open" : `${outcome.outcome} ${minute(outcome.at)}`;
  return html(
    document,
    "p",
    { class: "faint" },
    `Its fresh seeds (${challenge.seeds.join(", ")}) follow from a nonce issued ${minute(challenge.issuedAt)}, after ` +
      `the commitment was signed; ${ended}.`,
  );
}

/** The server's address, which only the page in its browser knows. */
function origin(document: Document): HTMLElement {
  return html(document, "span", { "data-origin": true }, "http://127.0.0.1:8787");
}

/** The exact bytes of an entry, to be read here and to be kept. */
export function bytes(document: Document, model: EntryModel): HTMLElement {
  const el = html.bind(null, document);
  const { entry, envelope, proof } = model;
  const path = `/v1/entries/${entry.row.entry}`;
  const link = (href: string, text: string) => el("li", {}, el("a", { href }, text));
  return el(
    "section",
    { "aria-labelledby": "bytes" },
    el("h2", { id: "bytes" }, "The exact bytes"),
    el(
      "ul",
      { class: "links" },
      el("li", {}, el("a", download(entry.row.entry), "Envelope")),
      link(`${path}/proof`, "Inclusion proof"),
      link(`${path}/runs`, "Runs as JSON"),
      link(path, "Entry as JSON"),
      link(`/v1/badge/${entry.row.entry}.svg`, "Badge"),
    ),
    envelope === null ? null : wholeEnvelope(document, entry.row.entry, envelope),
    proof === null ? null : folded(document, "The inclusion proof", JSON.stringify(proof, null, 2)),
    folded(document, "Cite it", bibtex([entry.row], entry.protocol.name, "")),
  );
}

/** As many bytes as all else of the page: what unfolds is the beginning until the island has fetched the whole. */
function wholeEnvelope(
  document: Document,
  id: string,
  envelope: NonNullable<EntryModel["envelope"]>,
): HTMLElement {
  const details = folded(document, "The envelope", envelopeText(envelope));
  details.setAttribute("data-envelope", id);
  const whole = html(document, "a", download(id), "Download the whole");
  details.append(html(document, "p", { class: "faint small" }, whole));
  return details;
}

function download(id: string): Attributes {
  return { href: `/v1/entries/${id}/envelope`, download: `rademark-${id.slice(0, 12)}.json` };
}

/** The payload is long and base64; its beginning tells what it is. */
function envelopeText({ payload, ...rest }: NonNullable<EntryModel["envelope"]>): string {
  const shown =
    payload.length > 400
      ? `${payload.slice(0, 400)}… (${count(payload.length)} characters)`
      : payload;
  return JSON.stringify({ ...rest, payload: shown }, null, 2);
}

function folded(document: Document, title: string, text: string): HTMLElement {
  const el = html.bind(null, document);
  const pre: Child = el("pre", { tabindex: 0 }, el("code", {}, text));
  return el("details", { class: "behind" }, el("summary", {}, title), pre);
}

type Reproduction = EntryDocument["reproductions"][number];

/** Who trained it again, and what came out: both numbers, always. */
export function reproductions(document: Document, entry: EntryDocument): HTMLElement {
  const el = html.bind(null, document);
  const title = el("h2", { id: "reproductions" }, "Reproductions");
  const section = (...children: Child[]) =>
    el("section", { "aria-labelledby": "reproductions" }, title, ...children);
  if (entry.reproductions.length === 0)
    return section(
      el("p", {}, "Nobody has trained it again yet. ", el("a", { href: "#command" }, "You can.")),
    );
  const columns = [
    { title: "By" },
    { title: "Verdict" },
    { title: "Complexity (%)", numeric: true as const },
    { title: "Test accuracy (%)", numeric: true as const },
    { title: "Date" },
  ];
  const rows = entry.reproductions.map((each) => [
    { content: signer(document, each) },
    { content: verdict(document, each) },
    numbers(each, "complexity"),
    numbers(each, "testAccuracy"),
    { content: el("time", { datetime: each.receivedAt }, day(each.receivedAt)) },
  ]);
  const caption = "Entry → reproduction, on the reproducer's own fresh seeds";
  return section(
    table(document, caption, columns, rows),
    plusMinusNote(document, rows),
    newest(document, entry),
  );
}

function signer(document: Document, { signer, own }: Reproduction): HTMLElement {
  const name = html(document, "bdi", {}, signer.name ?? shortDigest(signer.key));
  const aside = own ? " (the submitter itself; counts for nothing)" : null;
  return html(document, "span", {}, name, aside);
}

/** Where the others stand; null where all of them are shown. */
function newest(document: Document, { row, reproductions, totals }: EntryDocument): Child {
  if (totals.reproductions === reproductions.length) return null;
  const href = `/v1/log/entries?entry=${row.entry}&kind=reproduction`;
  return html(
    document,
    "p",
    { class: "faint" },
    `The newest ${reproductions.length} of ${totals.reproductions}; `,
    html(document, "a", { href }, "the log"),
    " has all of them.",
  );
}

function verdict(
  document: Document,
  { verdict, retracted, quarantine }: Reproduction,
): HTMLElement {
  const aside = [...(retracted ? ["retracted"] : []), ...(quarantine ? ["quarantined: "] : [])];
  return html(
    document,
    "span",
    { class: `verdict ${verdict}` },
    [verdict, ...aside].join(", "),
    quarantine && html(document, "bdi", {}, quarantine),
  );
}

function numbers({ numbers }: Reproduction, quantity: string): string {
  const found = numbers.find((each) => each.quantity === quantity);
  if (found === undefined) return "–";
  return `${percent(found.entry)} → ${percentInterval(found.reproduction)}`;
}

/** What happened to an entry, oldest first, each step with its leaf in the log. */
export function timeline(document: Document, { entry }: EntryModel): HTMLElement {
  const el = html.bind(null, document);
  const items = entry.events.map(({ at, kind, text, digest, index }) =>
    el(
      "li",
      { class: [kind, verdictOf(entry, digest)].join(" ").trim() },
      el("time", { datetime: at }, minute(at)),
      el("p", {}, ...words(document, kind, text)),
      el(
        "p",
        { class: "faint small" },
        `Leaf ${count(index)} of the log, `,
        el("code", { title: digest }, shortDigest(digest)),
      ),
    ),
  );
  return el(
    "section",
    { "aria-labelledby": "provenance" },
    el("h2", { id: "provenance" }, "Provenance"),
    ...(entry.totals.events > items.length ? [left(document, entry)] : []),
    el("ol", { class: "timeline" }, ...items),
  );
}

/** A reason behind its colon is its signer's, and may run from right to left. */
function words(document: Document, kind: string, text: string): Child[] {
  const colon = kind === "retracted" || kind === "moderated" ? text.indexOf(": ") + 2 : 0;
  if (colon < 2) return [text];
  return [text.slice(0, colon), html(document, "bdi", {}, text.slice(colon))];
}

/** Of the reproduction that an event tells of; empty for any other event. */
function verdictOf({ reproductions }: EntryDocument, digest: string): string {
  return reproductions.find(({ id }) => id === digest)?.verdict ?? "";
}

/** Between how the entry came and the newest of what was said of it. */
function left(document: Document, { row, events, totals }: EntryDocument): HTMLElement {
  const el = html.bind(null, document);
  return el(
    "p",
    { class: "faint" },
    `How it came, and the newest of what came later: ${events.length} of ${totals.events} steps. `,
    el("a", { href: `/v1/log/entries?entry=${row.entry}` }, "The log"),
    " has all of them.",
  );
}
