import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mirror } from "../../api/node/mirror.ts";
import type { RunningServer } from "../../api/node/serve.ts";
import { verifierKeyOf } from "../../db/append-leaf.ts";
import { dumpLines } from "../../db/dump/dump.ts";
import { BoardPage } from "../../record/board/board-row.ts";
import { type Laboratory, openReadingRoom } from "../world/laboratory.ts";
import { listed } from "../world/visitor.ts";

const folder = mkdtempSync(join(tmpdir(), "rademark-mirror-"));
const file = join(folder, "dump.jsonl");
let room: Laboratory;
let server: RunningServer;
let dump: string;
let entry: string;
beforeAll(async () => {
  room = await openReadingRoom();
  entry = await listed(room);
  const lines = [];
  for await (const line of dumpLines(room.db, room.deployment.keeper)) lines.push(line);
  dump = `${lines.join("\n")}\n`;
  writeFileSync(file, dump);
  const report = (error: unknown) => expect(error).toBeUndefined();
  server = await mirror({ file, host: "127.0.0.1", port: 0, report });
});
afterAll(async () => {
  await server.close();
  await room.close();
  rmSync(folder, { recursive: true });
});

const get = (path: string) => fetch(`${server.url}${path}`);

test("a mirror answers reads, with the log's own key and checkpoint", async () => {
  const board = BoardPage.parse(await (await get("/v1/boards/micro-1")).json());
  expect(board.rows.map((row) => row.entry)).toEqual([entry]);
  const key = await get("/v1/log/key");
  expect(await key.text()).toBe(`${await verifierKeyOf(room.deployment.keeper)}\n`);
  expect(key.headers.get("access-control-allow-origin")).toBe("*");
  const { checkpoint } = JSON.parse(dump.split("\n")[0]!) as { checkpoint: string };
  expect(await (await get("/v1/log/checkpoint")).text()).toBe(checkpoint);
});

test("a mirror hands on the dump it was made of, whatever came into the file's place", async () => {
  writeFileSync(file, "another dump");
  const answer = await get("/v1/export/log.jsonl.gz");
  expect(answer.headers.get("content-type")).toBe("application/gzip");
  const text = gunzipSync(Buffer.from(await answer.arrayBuffer())).toString();
  expect(text.trimEnd()).toBe(dump.trimEnd());
});

test("a mirror takes nothing in", async () => {
  const answer = await fetch(`${server.url}/v1/keys`, { method: "POST", body: "{}" });
  expect(answer.status).toBe(405);
});
