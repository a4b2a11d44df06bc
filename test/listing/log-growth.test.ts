import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient } from "../../harness/listing/client.ts";
import { proveGrowth } from "../../harness/listing/log-trust.ts";
import { type Laboratory, checkpoint, logKey, openReadingRoom } from "../world/laboratory.ts";
import { listed, retract } from "../world/visitor.ts";

let room: Laboratory;
beforeAll(async () => void (room = await openReadingRoom()));
afterAll(() => room.close());

/** The log's server behind a cache that gives an old checkpoint so many times. @param mark of its own. */
function cached(old: string, times: number, mark: Record<string, string> = {}) {
  const asked: (string | null)[] = [];
  const fetch = async (url: string, init: RequestInit) => {
    const { pathname } = new URL(url);
    if (!pathname.endsWith("checkpoint")) return room.app.request(pathname, init);
    asked.push(new Headers(init.headers).get("cache-control"));
    if (asked.length <= times) return new Response(old, { headers: mark });
    return room.app.request(pathname, init);
  };
  const network = { fetch, sleep: () => Promise.resolve(), random: Math.random };
  return { client: createClient({ api: "http://log.test", network }), asked };
}

async function grown() {
  const note = await (await room.get("/v1/log/checkpoint")).text();
  await retract(room, await listed(room), "a wrong seed");
  return { note, newest: await checkpoint(room), key: await logKey(room) };
}

test("a checkpoint that lags behind is asked for again, past every cache, before a log is accused", async () => {
  const { note, newest, key } = await grown();
  const { client, asked } = cached(note, 2);
  const growth = await proveGrowth(client, key, [newest]);
  expect(growth).toMatchObject({ ok: true, newest: { size: newest.size } });
  expect(asked).toEqual([null, "no-cache", "no-cache"]);
});

test("a log that stays behind what was signed for has shrunk", async () => {
  const { note, newest, key } = await grown();
  const growth = await proveGrowth(cached(note, Infinity).client, key, [newest]);
  expect(growth).toHaveProperty("reason", expect.stringContaining("has shrunk"));
});

test("a server that answers from memory while its database is away is not accused", async () => {
  const { note, newest, key } = await grown();
  const { client } = cached(note, Infinity, { warning: '110 - "Response is Stale"' });
  await expect(proveGrowth(client, key, [newest])).rejects.toThrow(/from memory.*try again later/);
});
