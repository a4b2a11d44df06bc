/** @file Names in a page's head all modules that its scripts import, so that they come in one round trip, not one after the other. */

import type { AstroIntegration, AstroUserConfig } from "astro";

type VitePlugin = Extract<
  NonNullable<NonNullable<AstroUserConfig["vite"]>["plugins"]>[number],
  { name: string }
>;

/** @returns what Astro and Vite each need of it: the one knows pages, the other which file imports which. */
export function preloadedModules(): { integration: AstroIntegration; plugin: VitePlugin } {
  const imports = new Map<string, readonly string[]>();
  return {
    plugin: {
      name: "rademark:module-imports",
      applyToEnvironment: ({ name }) => name === "client",
      generateBundle(_, bundle) {
        for (const file of Object.values(bundle))
          if (file.type === "chunk") imports.set(file.fileName, file.imports);
      },
    },
    integration: {
      name: "rademark:preloaded-modules",
      hooks: {
        "astro:build:start": ({ setPrerenderer }) =>
          setPrerenderer((usual) => ({
            ...usual,
            render: async (...asked) => {
              const page = await usual.render(...asked);
              return page instanceof Response
                ? withPreloads(page, imports)
                : { ...page, response: await withPreloads(page.response, imports) };
            },
          })),
      },
    },
  };
}

async function withPreloads(
  page: Response,
  imports: ReadonlyMap<string, readonly string[]>,
): Promise<Response> {
  if (!page.headers.get("content-type")?.startsWith("text/html")) return page;
  return new Response(preloading(await page.text(), imports), page);
}

const MODULE = /<script type="module" src="\/([^"]+)">/g;

/** @param imports by a file's name, of those that it imports at its start; without a slash in front. */
export function preloading(html: string, imports: ReadonlyMap<string, readonly string[]>): string {
  const scripts = Array.from(html.matchAll(MODULE), ([, name]) => name!);
  const known = new Set(scripts);
  for (const name of known) for (const each of imports.get(name) ?? []) known.add(each);
  const links = [...known]
    .filter((name) => !scripts.includes(name))
    .map((name) => `<link rel="modulepreload" href="/${name}">`);
  return html.replace("</head>", `${links.join("")}</head>`);
}
