import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { afterEach, expect, test, vi } from "vitest";
import { createResponseCache } from "../../api/read/read-answers.ts";

afterEach(() => vi.unstubAllGlobals());

const answer = (length: number) => ({
  ...{ stamp: "1", type: "text/plain", headers: {}, etag: '"1"', at: 0 },
  body: new Uint8Array(length),
});
const MEBIBYTE = 1024 * 1024;

/** How many of a hundred answers of a mebibyte are still there. */
function kept(): number {
  const cache = createResponseCache();
  const addresses = Array.from({ length: 100 }, (_, i) => `/${i}`);
  for (const address of addresses) cache.put(address, answer(MEBIBYTE));
  return addresses.filter((address) => cache.get(address)).length;
}

test("in a process of its own many answers are kept, in a Worker's small memory few", () => {
  expect(kept()).toBe(63);
  vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
  expect(kept()).toBe(15);
});

test("workerd is known by the name that it gives itself", async () => {
  const script = "export default { fetch: () => new Response(navigator.userAgent) };";
  const compatibilityDate = "2025-09-01";
  const worker = new Miniflare(
    convertV4MiniflareOptions({ modules: true, script, compatibilityDate }),
  );
  const name = await (await worker.dispatchFetch("http://localhost/")).text();
  await worker.dispose();
  expect(name).toBe("Cloudflare-Workers");
});

test("the longest unused answer goes first, and none pushes out all others", () => {
  const cache = createResponseCache(3, 80_000);
  for (const address of ["/a", "/b", "/c"]) cache.put(address, answer(1000));
  cache.get("/a");
  cache.put("/d", answer(1000));
  expect(["/a", "/b", "/c", "/d"].map((address) => Boolean(cache.get(address)))).toEqual([
    ...[true, false],
    ...[true, true],
  ]);
  cache.put("/large", answer(10_001));
  expect(cache.get("/large")).toBeUndefined();
});
