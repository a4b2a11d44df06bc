/** @file A visitor in a real browser, who notices every error and every broken policy. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { findBrowser } from "../../../setup/tests.mjs";

/** Of a Chromium: RADEMARK_BROWSER, else the machine's; null when there is none, and its tests are skipped, by name. */
export const browserPath: string | null = findBrowser(process.env) as string | null;

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserPath!, args: ["--no-sandbox"] });
}

export interface Visit {
  page: Page;
  /** Console errors, uncaught exceptions, violations of the policy. */
  faults: string[];
  close: () => Promise<void>;
}

/** Requests that the visitor cuts on purpose make the browser complain; `expected` names those complaints. */
export async function visit(
  browser: Browser,
  options: BrowserContextOptions = {},
  expected: RegExp = /^$/,
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  const note = (text: string) => {
    if (!expected.test(text)) faults.push(text);
  };
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") note(message.text());
  });
  page.on("pageerror", (error) => note(error.message));
  return { page, faults, close: () => context.close() };
}

/**
 * Weighs what comes for a page, each address once, its body in gzip.
 *
 * @returns waits for the bodies that are still on their way.
 */
export function weigh(page: Page): () => Promise<Map<string, number>> {
  const bodies: Promise<[url: string, bytes: number]>[] = [];
  page.on("response", (response) => {
    const url = response.url();
    const weighed = response.body().then(
      (body): [string, number] => [url, gzipSync(body).length],
      (): [string, number] => [url, 0], // has none: not modified, or led elsewhere
    );
    bodies.push(weighed);
  });
  return async () => {
    const weights = new Map<string, number>();
    for (const [url, bytes] of await Promise.all(bodies))
      weights.set(url, Math.max(bytes, weights.get(url) ?? 0));
    return weights;
  };
}

export function sum(weights: ReadonlyMap<string, number>): number {
  return [...weights.values()].reduce((total, bytes) => total + bytes, 0);
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds, one line a rule; empty when there is nothing. @param tags of the rules that are held; all unless given. */
export async function accessibilityFaults(page: Page, tags?: string[]): Promise<string[]> {
  // By the debugger's way, which the page's policy does not bind.
  await page.evaluate(axe);
  const found = await page.evaluate(async (tags) => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(options: object): Promise<{
          violations: {
            id: string;
            help: string;
            nodes: { html: string; any: { message: string }[] }[];
          }[];
        }>;
      };
    };
    return (await axe.run(tags ? { runOnly: tags } : {})).violations;
  }, tags);
  return found.map(({ id, help, nodes }) => {
    const first = nodes[0];
    return `${id}: ${help}: ${first?.html.slice(0, 160)} ${first?.any[0]?.message ?? ""}`;
  });
}

/**
 * The same in both themes, each line with its own. They differ in colours alone (test/site/themes.test.ts), so one is
 * held against all rules and the other against those of colours. Leaves the page in the dark.
 */
export async function faultsInBothThemes(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const [colorScheme, tags] of [["light"], ["dark", ["cat.color"]]] as const) {
    await page.emulateMedia({ colorScheme });
    const faults = await accessibilityFaults(page, tags && [...tags]);
    found.push(...faults.map((fault) => `${colorScheme}: ${fault}`));
  }
  return found;
}
