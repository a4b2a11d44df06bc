import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createApp } from "../../../api/app.ts";
import { LIMITS } from "../../../api/deployment.ts";
import type { OpenApiDocument } from "../../../api/read/openapi.ts";
import { readSettings } from "../../../api/server-settings.ts";
import { problemOf } from "../../world/visitor.ts";
import { type Laboratory, openReadingRoom } from "../../world/laboratory.ts";

let room: Laboratory;
beforeAll(async () => {
  room = await openReadingRoom();
});
beforeEach(() => {
  room.wait(3600); // a window of its own
  room.deployment.address = "192.0.2.1";
  room.deployment.limits = { ...LIMITS, exports: { requests: 3, windowSeconds: 3600 } };
});
afterAll(() => room.close());

const ALL = ["micro-1.csv", "micro-1.jsonl.gz", "log.jsonl.gz"];
async function exported(path: string, app = room.app): Promise<Response> {
  const answer = await app.request(`/v1/export/${path}`);
  const bytes = await answer.arrayBuffer(); // to its end
  return new Response(bytes, answer);
}

test("an address that used its exports up waits for the next window, alone, and reads on", async () => {
  room.wait(600);
  for (const path of ALL) expect((await exported(path)).status).toBe(200);
  for (const path of ALL) {
    const answer = await exported(path);
    expect(Number(answer.headers.get("retry-after"))).toBe(3000);
    expect((await problemOf(answer)).name).toBe("too-many-requests");
  }
  expect((await room.get("/v1/boards/micro-1")).status).toBe(200);
  room.deployment.address = "192.0.2.2";
  expect((await exported("micro-1.csv")).status).toBe(200);
  room.deployment.address = "192.0.2.1";
  room.wait(3000);
  expect((await exported("micro-1.csv")).status).toBe(200);
});

test("another server of the same database forgets nobody's exports", async () => {
  for (const path of ALL) expect((await exported(path)).status).toBe(200);
  const other = createApp(() => room.deployment);
  expect((await exported("micro-1.csv", other)).status).toBe(429);
});

test("what is not here costs no export", async () => {
  for (let i = 0; i < 4; i++) expect((await exported("micro-9.csv")).status).toBe(404);
  expect((await exported("micro-1.csv")).status).toBe(200);
});

test("thirty exports an hour are given; with limits off, any number", async () => {
  const count = async () => {
    const statuses = [];
    for (let i = 0; i < 32; i++) statuses.push((await exported("log.jsonl.gz")).status);
    return statuses.filter((status) => status === 200).length;
  };
  room.deployment.limits = LIMITS;
  expect(await count()).toBe(30);
  room.deployment.limits = readSettings({ RADEMARK_LIMITS: "off" }).limits;
  expect(await count()).toBe(32);
});

test("the API's description tells of the exports' quota, and of no other read's", async () => {
  const answer = await room.get("/openapi.json");
  const { paths } = (await answer.json()) as OpenApiDocument;
  const limited = Object.keys(paths).filter((path) => paths[path]!.get?.responses["429"]);
  expect(limited).toEqual(Object.keys(paths).filter((path) => path.startsWith("/v1/export/")));
});
