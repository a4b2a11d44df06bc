/** @file Pages among those of the site: of an entry that no build has drawn yet, and of an address that leads nowhere. */

import { html } from "hono/html";
import { z } from "zod";
import { type FoundRow, findRow } from "../../db/read/entry-document.ts";
import { entryWords } from "../../record/board/entry-words.ts";
import { findProtocol } from "../../record/protocols.ts";
import type { Estimate } from "../../record/summary.ts";
import { IdParams, type ReadAnswer, found, readRoute } from "./read-route.ts";
import { HTML, type Markup, pageMarkup, retitledPage, textOf } from "./html-page.ts";
import { stateText } from "../../record/board/states.ts";

/** Not cached, as a build of the site changes the answer. */
export const entryPageRoute = readRoute({
  path: "/entries/{id}",
  tag: "pages",
  summary: "An entry's page, before the site's next build",
  params: IdParams,
  query: z.looseObject({}), // as for any page: other sites append what they like
  answers: { [HTML]: null },
  follows: "never",
  respond: async ({ params, deployment, db }) => {
    const entry = found(await findRow(await db(), params.id), "entry");
    const shell = (await deployment.sitePage?.("/entries/")) ?? null;
    return entryPage(entry, shell);
  },
});

/** As in `site/public/_headers`, which speaks for files alone: the site's pages are drawn by a script. */
export const SITE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** @param shell the site's page for this; null where no site was built. @returns its text. */
export async function missingPage(shell: string | null): Promise<string> {
  if (shell !== null) return shell;
  const words = { title: "Nothing is here", description: "This address leads to no page." };
  const body = html`<h1>${words.title}</h1>
    <p>
      This address leads to no page. Nothing is ever deleted here, so it is most likely a typing
      mistake, or a page of the site, which was not built: <code>npm run site:build</code> builds
      it.
    </p>
    <p>See <a href="/">the first page</a> or <a href="/docs">what the API answers</a>.</p>`;
  return textOf(pageMarkup(words, body));
}

/** @param shell the built page whose script draws any entry; null where no site was built. */
async function entryPage({ row, protocol }: FoundRow, shell: string | null): Promise<ReadAnswer> {
  const words = entryWords(row, findProtocol(protocol).name);
  const body = html`<h1>${words.title}</h1>
    ${factsOf(row, protocol)}`;
  if (shell === null) return { type: HTML, body: await textOf(pageMarkup(words, body)) };
  const named = { ...words, address: addressOf(shell, row.entry) };
  return { type: HTML, body: await textOf(retitledPage(shell, named, "<h1>Entry</h1>", body)) };
}

/** Where the site will know it, if its build was told of its own address (site/layouts/page.astro). */
function addressOf(shell: string, id: string): string | null {
  const [, site] = /<html [^>]*data-site="([^"]+)"/.exec(shell) ?? [];
  return site === undefined ? null : `${site}/entries/${id}/`;
}

function factsOf(
  { entry, numbers, standing, signer, receivedAt }: FoundRow["row"],
  protocol: string,
): Markup {
  const facts = [
    ["state", stateText(standing) + (standing.reason === null ? "" : `: ${standing.reason}`)],
    ["learned complexity", estimate(numbers.learnedComplexity)],
    ["capacity", estimate(numbers.capacity)],
    ["generalization gap", estimate(numbers.gap)],
    ["signed by", signer.name === null ? signer.key : `${signer.name} (${signer.key})`],
    ["received", receivedAt],
    ["entry", entry],
  ] as const;
  const board = findProtocol(protocol).name;
  const json = `/v1/entries/${entry}`;
  return html`<dl class="facts">
      ${facts.map(
        ([name, text]) =>
          html`<dt>${name}</dt>
            <dd>${text}</dd>`,
      )}
    </dl>
    <p>
      <a href="${json}">All of it as JSON</a>; <a href="${json}/envelope">the signed envelope</a>;
      <a href="/v1/boards/${board}">the board of ${board}</a>.
    </p>`;
}

/** Not applicable, or a mean with its 95 % interval. */
function estimate(value: Estimate): string {
  if (value === null) return "not measured";
  const { mean, low, high } = value;
  const interval =
    low === null || high === null ? "" : ` (95 % interval ${low.toFixed(4)} to ${high.toFixed(4)})`;
  return mean.toFixed(4) + interval;
}
