/** @file The API's own pages: plain HTML, one style sheet, and the theme that a visitor chose on the site. */

import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { html, raw } from "hono/html";
import { AUTHORS_CODE, PAPERS } from "../../record/papers.ts";
import { encodeBase64 } from "../../record/signature/base64.ts";
import type { ReadAnswer } from "./read-route.ts";

export const HTML = "text/html; charset=utf-8";

/** Beside the API, as its pages are served where no site is built. */
export const STYLE_PATH = "/v1/docs.css";

/** Made by `html`, which escapes what is put into it. */
export type Markup = ReturnType<typeof html>;

interface Words {
  title: string;
  /** One sentence for search results and shared links. */
  description: string;
  /** Whole, under which search engines and shared links should know it; none where a site's own is not known. */
  address?: string | null;
}

/**
 * A page of the API with the site's header, in the theme that was chosen on the site.
 *
 * @example
 * htmlAnswer({ title: "API", description: "What it answers." }, html`<h1>API</h1>`);
 */
export async function htmlAnswer(words: Words, body: Markup): Promise<ReadAnswer> {
  const theme = raw(`<script>${THEME}</script>`);
  return { type: HTML, body: await textOf(pageMarkup(words, body, theme)) };
}

/** As `site/public/theme.js`, before the first paint; that file is not there where no site is built. */
const THEME = `try {
  const theme = localStorage.getItem("rademark-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {}`;

/**
 * The one script that the policy of these pages allows: by its digest, so that nothing else can run, neither a file of
 * this server, whose texts are partly other people's, nor anything that ever got into a page.
 */
export const THEME_SOURCE = `'sha256-${encodeBase64(sha256(utf8ToBytes(THEME)))}'`;

/** Text of markup, which is a promise where something in it is one. */
export async function textOf(markup: Markup): Promise<string> {
  return (await markup).toString();
}

/** Parts of the site, as its own header names them (`site/components/base/header.astro`). */
const PARTS = [
  ["Boards", "/boards/micro-1/"],
  ["Findings", "/findings/"],
  ["Method", "/method/"],
  ["Trust", "/trust/"],
  ["Submit", "/submit/"],
  ["Log", "/log/"],
  ["API", "/docs"],
] as const;

/** @param head what else stands in its head. */
export function pageMarkup(words: Words, body: Markup, head: Markup | null = null): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        ${titleTags(words)} ${head}
        <link rel="stylesheet" href="${STYLE_PATH}" />
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header>
          <a class="brand" href="/">${SIGN} Rademark</a>
          <nav aria-label="Parts of the site">
            <ul>
              ${PARTS.map(([name, href]) => partLink(name, href, words.title))}
            </ul>
          </nav>
        </header>
        <main id="main">${body}</main>
        ${FOOT}
      </body>
    </html>`;
}

/** @param title of the page; the API's own pages are those of one part. */
function partLink(name: string, href: string, title: string): Markup {
  const mark = name === title ? ' aria-current="page"' : "";
  return html`<li>${raw(`<a href="${href}"${mark}>${name}</a>`)}</li>`;
}

/** As `site/public/favicon.svg`, which is not there where no site is built. */
const SIGN = html`<svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
  <rect width="32" height="32" rx="6" fill="#14171c" />
  <path d="M7 25V7M7 25h18" stroke="#a4abb5" stroke-width="2" />
  <circle cx="12" cy="19" r="2.6" fill="#59c5ff" />
  <path d="M17 10h5v5h-5z" fill="#e58900" />
  <path d="M21 18l3 5h-6z" fill="#e8eaed" />
</svg>`;

/** As the foot of the site's pages (`site/components/base/footer.astro`). */
const FOOT = html`<footer>
  <p>
    A map, not a race: a lower learned complexity or capacity is <strong>not</strong> a better
    network. Read <a href="/method/#limits">what may not be concluded</a>.
  </p>
  <p class="faint">
    The measurement is that of
    ${PAPERS.map(
      ({ authors, title, where, href }, i) =>
        html`${i > 0 ? " and " : ""}${authors}, <a href="${href}">${title}</a> (${where})`,
    )}.
    The authors' own code: <a href="${AUTHORS_CODE}">RandomLabelHeads</a>.
  </p>
</footer>`;

function titleTags({ title, description, address }: Words): Markup {
  return html`<title>${title} · Rademark</title>
    <meta name="description" content="${description}" />
    <meta property="og:title" content="${title}" />
    <meta property="og:description" content="${description}" />${address && addressTags(address)}`;
}

function addressTags(address: string): Markup {
  return html`<link rel="canonical" href="${address}" /><meta
      property="og:url"
      content="${address}"
    />`;
}

/** Tags in which a page of the site says its title and description. */
const TITLE_TAGS =
  /<title>[^<]*<\/title>|<meta (name="description"|property="og:(title|description)")[^>]*>/g;

/**
 * A built page of the site under another title, and with another heading.
 *
 * @param heading markup of the built page, such as `<h1>Entry</h1>`, that `body` replaces.
 */
export function retitledPage(built: string, words: Words, heading: string, body: Markup): Markup {
  const [head = "", rest = ""] = split(built.replaceAll(TITLE_TAGS, ""), "</head>");
  const [before = "", after = ""] = split(rest, heading);
  return html`${raw(head)}${titleTags(words)}</head>${raw(before)}${body}${raw(after)}`;
}

/** Splits a text at the first place of a mark; the rest is empty if the text does not have it. */
function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** Colours and shapes of the site. */
export const STYLE = `:root { color-scheme: light dark; --paper: light-dark(#ffffff, #14171c);
  --ink: light-dark(#1a1d21, #e8eaed); --faint: light-dark(#5d646d, #a4abb5); --line: light-dark(#c9ced6, #3d444e);
  --accent: light-dark(#0050c5, #59c5ff); --surface: light-dark(#f5f6f8, #1c2026); --side: clamp(0.75rem, 3vw, 2rem); }
@media screen { :root[data-theme="light"] { color-scheme: light; } :root[data-theme="dark"] { color-scheme: dark; } }
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; scroll-padding-top: 1rem;
  text-size-adjust: 100%; }
body { display: flex; flex-direction: column; margin: 0; min-height: 100vh; }
header, main { padding: 0.35rem max(var(--side), (100% - 80rem) / 2); }
header { align-items: center; border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: 0 1.5rem; }
header ul { display: flex; flex-wrap: wrap; gap: 0 0.15rem; list-style: none; margin: 0; max-width: none; padding: 0; }
header nav a { color: var(--faint); display: block; padding: 0.35rem 0.6rem; text-decoration: none; }
header nav a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: underline var(--accent) 2px;
  text-underline-offset: 0.45em; }
@media (max-width: 44rem) { header nav { flex-basis: 100%; margin-left: -0.6rem; } }
footer { background: var(--surface); border-top: 1px solid var(--line); font-size: 0.9rem; margin-top: auto;
  padding: 1rem max(var(--side), (100% - 80rem) / 2); }
footer p { max-width: none; }
header nav a:hover { background: var(--surface); color: var(--ink); }
.brand { align-items: center; display: flex; font-size: 1.1rem; font-weight: 650; gap: 0.5rem; padding: 0.3rem 0;
  text-decoration: none; }
.skip { background: var(--ink); color: var(--paper); padding: 0.4rem 0.8rem; position: absolute; top: -4rem; }
.skip:focus { top: 0.5rem; }
main { padding-block: 1.2rem 4rem; }
a { color: inherit; text-decoration-color: color-mix(in srgb, var(--accent) 60%, transparent); text-underline-offset: 0.2em; }
a:hover { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
h1, h2, h3 { line-height: 1.2; overflow-wrap: anywhere; }
h1 { font-size: clamp(1.5rem, 1.2rem + 1.2vw, 2rem); margin: 0 0 0.5rem; }
h2 { font-size: 1.25rem; margin: 2rem 0 0.5rem; }
h3 { display: inline; font-size: 1rem; font-weight: 500; margin: 0; }
p, ul, dl { margin: 0 0 0.7rem; max-width: 46rem; }
dt { color: var(--faint); font-size: 0.9rem; } dd { margin: 0 0 0.5rem; overflow-wrap: anywhere; }
code { font: 0.92em ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.faint { color: var(--faint); }
.reference { display: grid; gap: 0 2.5rem; grid-template-columns: minmax(0, 1fr); }
.contents ul { columns: 9rem; list-style: none; margin: 0; padding: 0; }
.contents a { display: block; padding: 0.15rem 0; }
@media (min-width: 60rem) {
  .reference { grid-template-columns: 11rem minmax(0, 1fr); }
  .contents { align-self: start; max-height: 100vh; overflow-y: auto; position: sticky; top: 0; }
  .contents ul { columns: auto; padding-top: 1.6rem; }
}
details { border: 1px solid var(--line); border-radius: 0.4rem; margin: 0.4rem 0; }
summary { cursor: pointer; padding: 0.45rem 0.7rem; }
summary:hover { background: var(--surface); }
details[open] > summary { border-bottom: 1px solid var(--line); }
details > div { padding: 0.6rem 0.7rem; scroll-margin-top: 4.5rem; }
.method { color: var(--accent); font-weight: 650; margin-right: 0.3rem; }
summary code { overflow-wrap: normal; } summary .faint { display: block; font-size: 0.92rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; line-height: 1.4; margin: 0 0 0.8rem; width: 100%; }
caption { color: var(--faint); padding: 0.2rem 0; text-align: left; }
th, td { border-bottom: 1px solid var(--line); padding: 0.3rem 0.8rem 0.3rem 0; text-align: left; vertical-align: top; }
thead th { color: var(--faint); font-weight: 600; } tbody th { font-weight: 500; } tbody th code { overflow-wrap: normal; }
.members { list-style: none; max-width: none; padding: 0; } .members .members { margin: 0 0 0 1.1rem; }
`;
