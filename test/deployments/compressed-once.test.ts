import { gunzipSync } from "node:zlib";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { compressedOnce } from "../../api/node/compressed-once.ts";

const text = "a word ".repeat(500);
const headers = (etag: string) => ({ etag, "content-type": "text/plain", vary: "Origin" });

/** @param mostBytes of what is kept. */
function openServer(mostBytes?: number) {
  let reads = 0;
  const app = new Hono();
  app.use(compressedOnce(mostBytes));
  app.get("/:etag", (c) => {
    const pull = (controller: ReadableStreamDefaultController) => {
      reads++;
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    };
    const body = new ReadableStream({ pull }, { highWaterMark: 0 }); // pulled once somebody reads
    const etag = c.req.param("etag");
    return c.body(body, 200, headers(etag.startsWith("W") ? `W/"${etag}"` : `"${etag}"`));
  });
  const ask = async (path: string, accepted = "gzip, deflate, br, zstd") => {
    const answer = await app.request(path, { headers: { "accept-encoding": accepted } });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const isPacked = answer.headers.get("content-encoding") === "gzip";
    expect((isPacked ? gunzipSync(bytes) : bytes).toString()).toBe(text);
    return { isPacked, headers: answer.headers };
  };
  return { ask, reads: () => reads };
}

test("what bears the same tag is compressed once, and says that it depends on the encoding asked for", async () => {
  const { ask, reads } = openServer();
  for (let i = 0; i < 3; i++) {
    const { isPacked, headers } = await ask("/a");
    expect(isPacked).toBe(true);
    expect([headers.get("etag"), headers.get("vary")]).toEqual([
      'W/"a"',
      "Origin, Accept-Encoding",
    ]);
  }
  expect(reads()).toBe(1);
});

test("nothing is compressed for whoever did not ask for gzip, nor what has no strong tag", async () => {
  const { ask } = openServer();
  for (const accepted of ["br", "gzip;q=0", ""])
    expect((await ask("/a", accepted)).isPacked).toBe(false);
  expect((await ask("/Weak")).isPacked).toBe(false);
});

test("the longest unused is forgotten where there is no room", async () => {
  const { ask, reads } = openServer(120); // some two of them
  for (const path of ["/a", "/b", "/a", "/c"]) await ask(path);
  expect(reads()).toBe(3);
  await ask("/a");
  expect(reads()).toBe(3);
  await ask("/b");
  expect(reads()).toBe(4);
});
