import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DatabaseUnavailable, type OpenedDb } from "../../../api/deployment.ts";
import { BoardPage } from "../../../record/board/board-row.ts";
import { problemOf, listed } from "../../world/visitor.ts";
import { type Laboratory, openReadingRoom } from "../../world/laboratory.ts";

let room: Laboratory;
let opened = 0;
let isDown = false;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  [opened, isDown] = [0, false];
  room = await openReadingRoom();
  const open = room.deployment.open.bind(room.deployment);
  room.deployment.open = (purpose): Promise<OpenedDb> => {
    if (isDown) return Promise.reject(new DatabaseUnavailable("down"));
    if (purpose === "read") opened += 1;
    return open(purpose);
  };
  await room.refresh();
});
afterEach(async () => {
  vi.useRealTimers();
  await room.close();
});

const BOARD = "/v1/boards/micro-1";
const later = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);
const total = async () => BoardPage.parse(await (await room.get(BOARD)).json()).total;

test("the tag is the body's digest, and a client that has it gets no body", async () => {
  const first = await room.get(BOARD);
  const etag = first.headers.get("etag")!;
  const digest = createHash("sha256")
    .update(await first.text())
    .digest("hex");
  expect(etag).toBe(`"${digest}"`);
  for (const known of [etag, `"x", W/${etag}`, "*"]) {
    const again = await room.get(BOARD, { "if-none-match": known });
    expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", etag]);
  }
  expect((await room.get(BOARD, { "if-none-match": '"x"' })).status).toBe(200);
});

test("cached answers ask the database once a second at most", async () => {
  await room.get(BOARD);
  opened = 0;
  for (let i = 0; i < 50; i++) await room.get(BOARD);
  expect(opened).toBe(0);
  later(1001);
  for (let i = 0; i < 50; i++) await room.get(BOARD);
  expect(opened).toBe(1);
});

test("what was written here is seen at once, what was written elsewhere after a second", async () => {
  expect(await total()).toBe(0);
  await listed(room);
  await room.refresh();
  expect(await total()).toBe(1);
  const { db } = room;
  await db.transaction(async (tx) => {
    const { boards } = await import("../../../db/schema.ts");
    await tx.update(boards).set({ version: 99, counts: '{"challenged cpu":7}' });
  });
  expect(await total()).toBe(1);
  later(1001);
  expect(await total()).toBe(7);
});

test("while the database is away the last answers are served, marked as stale", async () => {
  const before = await (await room.get(BOARD)).text();
  isDown = true;
  later(60_000);
  const stale = await room.get(BOARD);
  expect([stale.status, await stale.text()]).toEqual([200, before]);
  expect(stale.headers.get("age")).toBe("60");
  expect(stale.headers.get("warning")).toContain("110");
  const unknown = await room.get(`${BOARD}?sort=gap`);
  expect((await problemOf(unknown)).name).toBe("unavailable");
  expect(unknown.headers.get("retry-after")).toBe("5");
  expect((await room.get("/v1/protocols/micro-1")).status).toBe(200);
  isDown = false;
  later(1001);
  expect((await room.get(BOARD)).headers.get("age")).toBeNull();
  expect((await room.get(`${BOARD}?sort=gap`)).status).toBe(200);
});

test("an answer asked for in other spellings is not computed again", async () => {
  await room.get("/v1/measures/micro-1");
  await room.get(`${BOARD}?sort=gap&limit=7`);
  opened = 0;
  for (const path of [
    "/v1/measures/%6dicro-1",
    "/v1/measures/micro%2D1?",
    `${BOARD}?limit=7&sort=gap`,
    `${BOARD}?limit=%37&sort=g%61p`,
    `${BOARD}?limit=7&sort=gap&order=ascending`,
  ])
    expect((await room.get(path)).status).toBe(200);
  expect(opened).toBe(0);
});

test("what many ask for at once fails for each when it fails", async () => {
  await room.get("/v1/protocols");
  isDown = true;
  const answers = await Promise.all(Array.from({ length: 10 }, async () => room.get(BOARD)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503));
});

test("refusals are not kept", async () => {
  const path = `/v1/entries/${"0".repeat(64)}`;
  expect((await room.get(path)).status).toBe(404);
  const id = await listed(room);
  expect((await room.get(`/v1/entries/${id}`)).status).toBe(200);
});

test("an export gives its connection back when it is read, and when it is given up", async () => {
  await listed(room);
  await room.refresh();
  let open = 0;
  const openDb = room.deployment.open.bind(room.deployment);
  room.deployment.open = async (purpose) => {
    const { db, close } = await openDb(purpose);
    open += 1;
    return { db, close: () => ((open -= 1), close()) };
  };
  for (const path of ["micro-1.csv", "micro-1.jsonl.gz", "log.jsonl.gz"]) {
    const whole = await room.get(`/v1/export/${path}`);
    expect(open).toBe(1);
    await whole.arrayBuffer();
    expect(open).toBe(0);
    await (await room.get(`/v1/export/${path}`)).body!.cancel();
    const head = await room.app.request(`/v1/export/${path}`, { method: "HEAD" });
    expect([head.status, open]).toEqual([200, 0]);
  }
});
