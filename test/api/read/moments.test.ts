import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dumpLines } from "../../../db/dump/dump.ts";
import { boardEntries, boardRows } from "../../../db/read/entry-document.ts";
import { restore } from "../../../db/dump/restore.ts";
import { ChallengeList } from "../../../record/answers/documents.ts";
import { protocolId } from "../../../record/protocols.ts";
import { openTestDatabase } from "../../world/databases.ts";
import { alice, carol } from "../../world/statements.ts";
import { micro } from "../../world/runs.ts";
import { listedCustom } from "../../world/custom-results.ts";
import { everyRoute, openEventfulRoom } from "../../world/laboratory.ts";
import { listed, moderate, nameKey, reproduced, retract } from "../../world/visitor.ts";

let eventful: Awaited<ReturnType<typeof openEventfulRoom>>;
let custom: string;
beforeAll(async () => {
  eventful = await openEventfulRoom();
  custom = await listedCustom(eventful.room, { source: "a trunk\n" });
});
afterAll(() => eventful.room.close());

/** What a route asks of the database, as SQL. */
async function asked(address: string): Promise<string[]> {
  const { room } = eventful;
  const texts: string[] = [];
  const { session } = room.db as unknown as { session: Record<"options", { logger?: object }> };
  const logger = { logQuery: (text: string) => void texts.push(text) };
  Object.assign(session, { logger });
  session.options.logger = logger; // of its transactions
  await room.get("/v1/log/statements/none"); // asks whether anything changed, if anybody has to
  texts.length = 0;
  const answer = await room.get(`${address}${address.includes("?") ? "&" : "?"}`);
  await answer.arrayBuffer();
  expect([address, answer.status]).toEqual([address, 200]);
  return texts.filter((text) => !STAMP.test(text));
}

const STAMP = /"computed"/;
const CONTROL = /^(begin|commit|set transaction)/;
const UNCHANGING = /from "(leaves|log_nodes)" (?!.*(join|from "(?!leaves|log_nodes)))/;

test("every route that asks more than one query sees one moment, or asks for what never changes", async () => {
  const { challenges } = await eventful.room.read("/v1/challenges", ChallengeList);
  for (const { route, addresses } of everyRoute(eventful, custom)) {
    if (route.path.startsWith("/v1/export/")) continue; // no transaction outlives a client's read: below
    for (const address of addresses) {
      const texts = await asked(address.replace("CHALLENGE", challenges[0]!.challenge.id));
      const queries = texts.filter((text) => !CONTROL.test(text));
      const isOne = texts.some((text) => /isolation level repeatable read read only/.test(text));
      expect([address, isOne]).toEqual([address, route.atOneMoment && queries.length > 0]);
      const changing = queries.slice(1).filter((text) => !UNCHANGING.test(text));
      if (!isOne) expect([address, changing]).toEqual([address, []]);
    }
  }
});

async function rest<T>(generator: AsyncIterable<T>): Promise<T[]> {
  const all = [];
  for await (const each of generator) all.push(each);
  return all;
}

/** Everything that may change of what is there, and something new of each kind. */
async function write() {
  const { room, ids } = eventful;
  room.wait(1);
  await room.register(carol);
  await nameKey(room, "Carol", carol);
  await nameKey(room, `Alice ${ids.length}`);
  ids.push(await listed(room, { supersedes: ids[0]! }));
  await reproduced(room, ids[0]!);
  await moderate(room, "quarantine", ids[0]!, "looks copied");
  await moderate(room, "erase-name", alice.key, "a name of somebody else");
  await retract(room, ids.at(-1)!, "a wrong seed");
  await room.refresh();
}

test("what is read slowly is of the moment it was begun at, whatever is written meanwhile", async () => {
  const { db, deployment, logSize } = eventful.room;
  const read = () => [
    dumpLines(db, deployment.keeper),
    boardRows(db, protocolId(micro), 1),
    boardEntries(db, protocolId(micro)),
  ];
  const before = await Promise.all(read().map((each) => rest<unknown>(each)));
  const slow = read();
  const firsts = await Promise.all(slow.map((each) => each.next()));
  const size = await logSize();
  await write();
  expect(await logSize()).toBeGreaterThan(size + 5);
  const after = await Promise.all(slow.map((each) => rest<unknown>(each)));
  expect(after.map((each, i) => [firsts[i]!.value as unknown, ...each])).toEqual(before);
  const now = await Promise.all(read().map((each) => rest<unknown>(each)));
  for (const [i, each] of now.entries()) expect(each.length).toBeGreaterThan(before[i]!.length);
  const copy = await openTestDatabase();
  const restored = await restore(copy.db, lines(after[0] as string[], firsts[0]!.value), null);
  expect(restored.leaves).toBe(size);
  await copy.close();
});

async function* lines(texts: string[], first: unknown): AsyncGenerator<string> {
  for (const text of [String(first), ...texts]) yield await Promise.resolve(text);
}

test("an export that nobody goes on reading holds no transaction, and nobody's write back", async () => {
  const { room } = eventful;
  const paths = ["log.jsonl.gz", "micro-1.csv", "micro-1.jsonl.gz"];
  const stalled = [];
  for (const path of paths) {
    const reader = (await room.get(`/v1/export/${path}`)).body!.getReader();
    expect((await reader.read()).done).toBe(false);
    stalled.push(reader);
  }
  room.wait(1);
  await nameKey(room, "Alice again");
  const open = await room.db.execute(
    sql`select 1 from pg_stat_activity where state like 'idle in transaction%'`,
  );
  expect(open).toMatchObject({ rows: [] });
  for (const reader of stalled) await reader.cancel();
});
