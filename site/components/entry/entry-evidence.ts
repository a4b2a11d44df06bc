/** @file What anybody needs to redo and to check an entry: the commands, the check in the browser, the challenge. */

import { html } from "../../charts/element.ts";
import { minute } from "../../lib/dates.ts";
import type { EntryModel } from "../../view/entry/entry-model.ts";

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
