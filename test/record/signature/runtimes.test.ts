import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { chromium } from "playwright-core";
import { expect, test } from "vitest";
import { browserPath } from "../../site/data/visit.ts";
import { SIGNATURE_CASES } from "./ed25519-cases.ts";
import { VECTORS } from "./ed25519-vectors.ts";
import { verdictsOn, type SignatureCase, type Verdicts } from "./verdicts.ts";

const PROGRAM = "./test/record/signature/verdicts.ts";

/** The program as one script: a Worker's module, or a page's global `program`. */
async function bundle(contents: string, format: "esm" | "iife"): Promise<string> {
  const stdin = { contents, resolveDir: process.cwd(), loader: "ts" } as const;
  const options = { bundle: true, write: false, target: "es2022" } as const;
  const { outputFiles } = await build({ ...options, stdin, format, globalName: "program" });
  return outputFiles[0]!.text;
}

const inNode = await verdictsOn(SIGNATURE_CASES);

test("in Node the official vectors and nothing forged are accepted, by both backends", () => {
  expect(new Set(SIGNATURE_CASES.map(({ name }) => name)).size).toBe(SIGNATURE_CASES.length);
  const isMixed = (name: string) => name.startsWith("parts of small order");
  expect(inNode.portable.filter((name) => !isMixed(name))).toEqual(VECTORS.map(([name]) => name));
  const mixed = inNode.portable.filter(isMixed);
  // some hold without the cofactor, not all: laxer and stricter equations would both show
  expect(mixed.length).toBeGreaterThan(4);
  expect(mixed.length).toBeLessThan(60);
  expect(inNode.platform).toEqual(inNode.portable);
});

test("in workerd the verdicts are Node's, by both backends", async () => {
  const script = await bundle(
    `import { verdictsOn } from "${PROGRAM}";
     export default { fetch: async (request: Request) => Response.json(await verdictsOn(await request.json())) };`,
    "esm",
  );
  const worker = new Miniflare(
    convertV4MiniflareOptions({ modules: true, script, compatibilityDate: "2025-09-01" }),
  );
  try {
    const body = JSON.stringify(SIGNATURE_CASES);
    const answer = await worker.dispatchFetch("http://worker/", { method: "POST", body });
    expect(await answer.json()).toEqual(inNode);
  } finally {
    await worker.dispose();
  }
});

test.skipIf(browserPath === null)(
  "in Chromium the verdicts are Node's, by both backends (needs a browser)",
  async () => {
    const script = await bundle(`export { verdictsOn } from "${PROGRAM}";`, "iife");
    // WebCrypto is there in secure contexts alone, and the own machine is one
    const server = createServer((_, response) =>
      response.end("<!doctype html><title>test</title>"),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const browser = await chromium.launch({ executablePath: browserPath!, args: ["--no-sandbox"] });
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await page.addScriptTag({ content: script });
      const inChromium = await page.evaluate(
        (cases) => (globalThis as unknown as BundledPage).program.verdictsOn(cases),
        SIGNATURE_CASES as SignatureCase[],
      );
      expect(inChromium).toEqual(inNode);
    } finally {
      await browser.close();
      server.close();
    }
  },
);

interface BundledPage {
  program: { verdictsOn(cases: SignatureCase[]): Promise<Verdicts> };
}
