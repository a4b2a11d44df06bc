/** @file The API's own pages: plain HTML, one style sheet, nothing else. */

export const HTML = "text/html; charset=utf-8";

/** Beside the API, as its pages are served where no site is built. */
export const STYLE_PATH = "/v1/docs.css";

/**
 * @param body HTML, escaped where it came from elsewhere.
 * @param description one sentence for search results and shared links.
 */
export function htmlPage(title: string, body: string, description: string | null = null): string {
  const told = description === null ? "" : descriptionTags({ title, description });
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8">` +
    `<meta name="viewport" content="width=device-width, initial-scale=1">` +
    `<meta name="color-scheme" content="light dark"><title>${escapeMarkup(title)} - rademark</title>${told}` +
    `<link rel="stylesheet" href="${STYLE_PATH}"></head>` +
    `<body><header><nav aria-label="Site"><a href="/">rademark</a> <a href="/docs">API</a></nav></header>` +
    `<main>${body}</main></body></html>`
  );
}

interface Words {
  title: string;
  description: string;
}

function descriptionTags({ title, description }: Words): string {
  const [name, text] = [title, description].map(escapeMarkup);
  return (
    `<meta name="description" content="${text}">` +
    `<meta property="og:title" content="${name}"><meta property="og:description" content="${text}">`
  );
}

/** Tags that a page of the site says its title and description in. */
const TOLD =
  /<title>[^<]*<\/title>|<meta (name="description"|property="og:(title|description)")[^>]*>/g;

/** A page of the site under other words. */
export function titledPage(page: string, words: Words): string {
  const title = `<title>${escapeMarkup(words.title)} · Rademark</title>`;
  return page
    .replaceAll(TOLD, "")
    .replace("</head>", () => `${title}${descriptionTags(words)}</head>`);
}

export const STYLE = `:root { color-scheme: light dark; --text: light-dark(#1b1f24, #e6e8eb); --quiet: light-dark(#55606e, #a5adb8);
  --back: light-dark(#ffffff, #14171b); --raised: light-dark(#f4f5f7, #1e2329); --line: light-dark(#d5d9df, #343b44);
  --link: light-dark(#0b5394, #8ab8ea); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 1rem/1.55 system-ui, sans-serif; }
header, main { max-width: 58rem; margin: 0 auto; padding: 1rem; }
header { border-bottom: 1px solid var(--line); }
header a { margin-right: 1rem; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.3rem; margin-top: 2.5rem; } h3 { font-size: 1.05rem; margin: 0; }
code, pre { font: 0.875rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--raised); border: 1px solid var(--line); padding: 0.75rem; overflow: auto; max-height: 30rem; }
section.operation { border: 1px solid var(--line); border-radius: 6px; padding: 1rem; margin: 1rem 0; }
.operation p { margin: 0.5rem 0; }
table { border-collapse: collapse; width: 100%; }
.scroll { overflow-x: auto; }
caption { text-align: left; color: var(--quiet); padding: 0.5rem 0 0.25rem; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; border-top: 1px solid var(--line); }
.quiet { color: var(--quiet); }
`;

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For text and for quoted attributes. */
export function escapeMarkup(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!);
}
