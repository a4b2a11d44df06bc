/** @file GET /entries/:id: the page of an entry that no build has drawn yet, for whoever runs no script, too. */

import type { MiddlewareHandler } from "hono";
import { z } from "zod";
import { type FoundRow, findRow } from "../../db/read/entry-document.ts";
import { entryWords } from "../../record/board/entry-words.ts";
import { findProtocol } from "../../record/protocols.ts";
import type { Estimate } from "../../record/summary.ts";
import { IdParams, found, readRoute } from "./read-route.ts";
import { HTML, escapeMarkup, htmlPage, titledPage } from "./html-page.ts";
import { stateText } from "../../record/board/states.ts";

/** A site's build changes what is answered, so it is not kept. */
export const entryPageRoute = readRoute({
  path: "/entries/{id}",
  tag: "pages",
  summary: "An entry's page, before the site's next build",
  params: IdParams,
  query: z.looseObject({}), // as of any page: others append what they like
  answers: { [HTML]: null },
  follows: "never",
  respond: async ({ params, deployment, db }) => {
    const entry = found(await findRow(await db(), params.id), "entry");
    const shell = (await deployment.entryShell?.()) ?? null;
    return { type: HTML, body: entryPage(entry, shell) };
  },
});

export function isEntryPage(path: string): boolean {
  return /^\/entries\/[0-9a-f]{64}\/?$/.test(path);
}

/** As in `site/public/_headers`, which speaks for files alone: the site's page draws the entry by a script. */
export const SITE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** Around the headers of the API's own pages. */
export const sitePolicy: MiddlewareHandler = async (c, next) => {
  await next();
  if (c.res.headers.get("content-type") === HTML)
    c.res.headers.set("content-security-policy", SITE_POLICY);
};

/** @param shell the built page whose script draws any entry; null where no site was built. */
function entryPage({ row, protocol }: FoundRow, shell: string | null): string {
  const words = entryWords(row, findProtocol(protocol).name);
  const facts = factsOf(row, protocol);
  const body = `<h1>${escapeMarkup(words.title)}</h1>${facts}`;
  if (shell !== null) return titledPage(shell, words).replace("<h1>Entry</h1>", () => body);
  return htmlPage(words.title, body, words.description);
}

function factsOf(
  { entry, numbers, standing, signer, receivedAt }: FoundRow["row"],
  protocol: string,
) {
  const facts = [
    ["state", stateText(standing) + (standing.reason === null ? "" : `: ${standing.reason}`)],
    ["complexity", estimate(numbers.complexity)],
    ["generalization gap", estimate(numbers.gap)],
    ["signed by", signer.name === null ? signer.key : `${signer.name} (${signer.key})`],
    ["received", receivedAt],
    ["entry", entry],
  ] as const;
  const list = facts
    .map(([name, text]) => `<dt>${name}</dt><dd>${escapeMarkup(text)}</dd>`)
    .join("");
  const board = findProtocol(protocol).name;
  return (
    `<dl class="facts">${list}</dl><p><a href="/v1/entries/${entry}">All of it as JSON</a>; ` +
    `<a href="/v1/entries/${entry}/envelope">the signed envelope</a>; ` +
    `<a href="/v1/boards/${board}">the board of ${board}</a>.</p>`
  );
}

/** Not applicable, or a mean with its 95 % interval. */
function estimate(value: Estimate): string {
  if (value === null) return "not measured";
  const { mean, low, high } = value;
  const interval =
    low === null || high === null ? "" : ` (95 % interval ${low.toFixed(4)} to ${high.toFixed(4)})`;
  return mean.toFixed(4) + interval;
}
