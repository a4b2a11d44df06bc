import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient } from "../../../harness/listing/client.ts";
import { ENTRY, RETRACTABLE, fullId } from "../../../harness/listing/full-id.ts";
import { keys } from "../../../db/schema.ts";
import { IdsDocument, MOST_IDS } from "../../../record/answers/ids-document.ts";
import { ChallengeList } from "../../../record/answers/documents.ts";
import { protocolId } from "../../../record/protocols.ts";
import { alice } from "../../world/statements.ts";
import { micro } from "../../world/runs.ts";
import { openEventfulRoom } from "../../world/laboratory.ts";

let eventful: Awaited<ReturnType<typeof openEventfulRoom>>;
beforeAll(async () => void (eventful = await openEventfulRoom()));
afterAll(() => eventful.room.close());

const idsOf = (digits: string) => eventful.room.read(`/v1/ids/${digits}`, IdsDocument);

test("eight digits and more name a statement of any kind, a challenge, a protocol and a key", async () => {
  const { room, ids, reproduction } = eventful;
  const [first] = (await room.read("/v1/challenges", ChallengeList)).challenges;
  const { challenge } = first!;
  for (const [id, kind] of [
    [ids[0]!, "result"],
    [reproduction, "reproduction"],
    [challenge.id, "challenge"],
    [protocolId(micro), "protocol"],
    [alice.key, "public-key"],
  ] as const)
    for (const length of [8, 12, 63, 64])
      expect(await idsOf(id.slice(0, length))).toEqual({
        prefix: id.slice(0, length),
        ids: [{ id, kind }],
        more: false,
      });
  expect(await idsOf("00000000")).toEqual({ prefix: "00000000", ids: [], more: false });
});

test.each(["abcdef0", "ABCDEF01", "abcdef0g", "ab%5F_____", "a".repeat(65), "abcdef01%25"])(
  "%s is no beginning of an id",
  async (digits) => expect((await eventful.room.get(`/v1/ids/${digits}`)).status).toBe(404),
);

/** As a command asks. */
async function ask(digits: string, kinds: Parameters<typeof fullId>[2] = null) {
  const { room } = eventful;
  let said = "";
  const network = {
    fetch: (url: string, init: RequestInit) =>
      Promise.resolve(room.app.request(url.replace("http://a.example", ""), init)),
    sleep: () => Promise.resolve(),
    random: () => 0,
  };
  const client = createClient({ api: "http://a.example", network });
  const id = await fullId(digits, client, kinds, { err: (text) => (said += text) });
  return { id, said };
}

test("what is found is told in full; a full id is asked of nobody; what is not there says so", async () => {
  const [entry] = eventful.ids as [string];
  expect(await ask(entry.slice(0, 8), ENTRY)).toEqual({
    id: entry,
    said: `${entry.slice(0, 8)} is result ${entry}\n`,
  });
  expect(await ask("0".repeat(64))).toEqual({ id: "0".repeat(64), said: "" });
  await expect(ask("00000000")).rejects.toThrow(/nothing whose id begins with 00000000/);
});

test("digits of several ids are refused with all of them; the kind that is meant decides before", async () => {
  const { room, ids } = eventful;
  const [digits, fewer] = [ids[0]!.slice(0, 11), ids[0]!.slice(0, 10)]; // not asked for above
  const beside = (n: number) => digits + n.toString(16).padStart(53, "0");
  const add = (key: string) =>
    room.db.insert(keys).values({ key, holder: key, registeredAt: new Date(), next: null });
  await add(beside(1));
  expect((await ask(digits, ENTRY)).id).toBe(ids[0]);
  expect((await idsOf(digits)).ids).toHaveLength(2);
  await expect(ask(digits)).rejects.toThrow(
    new RegExp(`beginning of several ids[^]*${ids[0]}  result\n  ${beside(1)}  public-key$`),
  );
  for (let n = 2; n <= MOST_IDS; n++) await add(beside(n));
  expect((await idsOf(fewer)).more).toBe(true);
  await expect(ask(fewer, RETRACTABLE)).rejects.toThrow(/and others$/);
});
