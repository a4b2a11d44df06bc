import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refreshDocuments } from "../../../db/read/board-documents.ts";
import { reindex } from "../../../db/dump/reindex.ts";
import {
  ComparisonDocument,
  EntryDocument,
  MeasuresDocument,
  SentencesDocument,
} from "../../../record/answers/documents.ts";
import { BoardPage } from "../../../record/board/board-row.ts";
import { verifyEntryFile } from "../../../record/answers/entry-file.ts";
import { isNearDuplicate } from "../../../record/board/notes.ts";
import { digestOf, configured, listedCustom } from "../../world/custom-results.ts";
import { type Laboratory, logKey, openReadingRoom } from "../../world/laboratory.ts";
import { listed, retract } from "../../world/visitor.ts";

const SOURCE = "export default (net, image) => net.dense(image, 8);\n";
const LOSS = "export default ({ taps }) => taps[0].square().mean();\n";
const arch = configured({ source: SOURCE }).arch;

let room: Laboratory;
let named: string[];
let custom: string[];

beforeAll(async () => {
  room = await openReadingRoom();
  named = [await listed(room), await listed(room, { regs: "wd=0.005" })];
  custom = [
    await listedCustom(room, { source: SOURCE }),
    await listedCustom(room, { source: SOURCE, regs: "wd=0.005" }),
    await listedCustom(room, { regSource: LOSS }),
  ];
  await refresh();
});
afterAll(() => room.close());

async function refresh() {
  await room.refresh();
  for (const kind of ["sentences", "measures"] as const) await refreshDocuments(room.db, kind);
}

const board = (query = "") => room.read(`/v1/boards/micro-1${query}`, BoardPage);
const idsOf = ({ rows }: BoardPage) => rows.map(({ entry }) => entry).toSorted();
const ranked = ({ rows }: BoardPage) =>
  rows.filter(({ rank }) => rank !== null).map(({ entry }) => entry);

describe("rows with custom code", () => {
  test("are shown without a rank, hidden, or ranked, as the board is asked", async () => {
    const usual = await board();
    expect(usual).toMatchObject({ custom: "shown", total: 5 });
    expect(idsOf(usual)).toEqual([...named, ...custom].toSorted());
    expect(ranked(usual).toSorted()).toEqual(named.toSorted());
    const highest = Math.max(...usual.rows.map(({ rank }) => rank?.high ?? 0));
    expect(highest).toBe(2); // among those that are ranked
    const hidden = await board("?custom=hidden");
    expect(hidden).toMatchObject({ custom: "hidden", total: 2 });
    expect(idsOf(hidden)).toEqual(named.toSorted());
    expect(hidden.rows.map(({ rank }) => rank)).toEqual(
      usual.rows.filter((row) => !row.custom).map(({ rank }) => rank),
    );
    const all = await board("?custom=ranked");
    expect(all).toMatchObject({ custom: "ranked", total: 5 });
    expect(ranked(all)).toHaveLength(5);
    expect(Math.max(...all.rows.map(({ rank }) => rank!.high))).toBe(5);
    expect((await room.get("/v1/boards/micro-1?custom=yes")).status).toBe(400);
  });

  test("are found by their names, and counted apart in a filter", async () => {
    expect(idsOf(await board(`?arch=${arch}`))).toEqual(custom.slice(0, 2).toSorted());
    expect(await board(`?arch=${arch}&custom=hidden`)).toMatchObject({ total: 0, rows: [] });
    expect(await board("?custom=hidden&device=cpu")).toMatchObject({ total: 2 });
  });

  test("speak in sentences and weigh in measures only where asked", async () => {
    const said = async (query: string) => {
      const path = `/v1/boards/micro-1/sentences${query}`;
      const { sentences } = await room.read(path, SentencesDocument);
      return sentences.map(({ entry }) => entry).toSorted();
    };
    expect(await said("")).toEqual([named[1]]);
    expect(await said("?custom=ranked")).toEqual([named[1], custom[1], custom[2]].toSorted());
    const weighed = async (query: string) => {
      const document = await room.read(`/v1/measures/micro-1${query}`, MeasuresDocument);
      return [document.entries, document.configurations];
    };
    expect(await weighed("")).toEqual([2, 2]);
    expect(await weighed("?custom=ranked")).toEqual([5, 5]);
  });

  test("have whole digests and declared taps in every row, and in the table for spreadsheets", async () => {
    const { rows } = await board(`?arch=${arch}`);
    const code = { source: digestOf(SOURCE), regSource: null };
    expect(rows[0]!.code).toEqual({ ...code, customTaps: ["first block", "second block"] });
    const csv = await (await room.get("/v1/export/micro-1.csv")).text();
    expect(csv.split("\r\n")[0]).toMatch(/,sameCountsAs,source,regSource$/);
    const lines = csv.split("\r\n").filter((line) => line.includes(custom[0]!));
    expect(lines[0]).toMatch(new RegExp(`,${arch},none,yes,.*,${digestOf(SOURCE)},$`));
  });

  test("can be compared, and their names are on their badges", async () => {
    const path = `/v1/compare?entries=${custom[0]},${custom[1]},${named[0]}`;
    const { rows } = await room.read(path, ComparisonDocument);
    expect(rows.map((row) => row.arch)).toEqual([arch, arch, "mlp-512"]);
    expect(await (await room.get(`/v1/badge/${custom[0]}.svg`)).text()).toContain(arch);
  });

  test("are verified with the name of their source said", async () => {
    const [challenge, statement] = await Promise.all([
      room.read(`/v1/entries/${custom[0]}`, EntryDocument),
      (await room.get(`/v1/log/statements/${custom[0]}`)).json() as Promise<object>,
    ]);
    const key = (await (await room.get("/v1/log/key")).text()).trim();
    const head = { rademark: "entry", version: 1, verifierKey: key, consistency: null };
    const file = { ...statement, ...head, challenge: challenge.challenge };
    const checked = await verifyEntryFile(file, { log: await logKey(room), seen: null });
    expect(checked.checks.find(({ name }) => name === "counts")).toMatchObject({
      ok: true,
      text: expect.stringContaining(
        `${arch} is the name of the source in it, SHA-256 ${digestOf(SOURCE)}.`,
      ) as string,
    });
  });

  test("rank the same when everything is computed again, and not at all once they are taken back", async () => {
    const before = (await board("?custom=ranked")).rows.map(({ rank }) => rank);
    await reindex(room.db);
    await refresh();
    expect((await board("?custom=ranked")).rows.map(({ rank }) => rank)).toEqual(before);
    for (const id of custom) await retract(room, id, "a mistake");
    await refresh();
    const [usual, all] = [await board(), await board("?custom=ranked")];
    expect(all.rows).toEqual(usual.rows);
    expect(ranked(all).toSorted()).toEqual(named.toSorted());
    const path = "/v1/boards/micro-1/sentences";
    const plain = await (await room.get(path)).text();
    expect(await (await room.get(`${path}?custom=ranked`)).text()).toBe(plain);
  });
});

test("custom strengths within 1 % of each other, under one name, hardly differ", () => {
  const regs = (strength: string, name = "decov") => `custom:${name}@0123abcd${strength}`;
  const near = (a: string, b: string) =>
    isNearDuplicate({ arch: "mlp-8", regs: a }, { arch: "mlp-8", regs: b });
  expect(near(regs("=0.5"), regs("=0.5001"))).toBe(true);
  expect(near(regs("=0.5"), regs("=0.6"))).toBe(false);
  expect(near(regs("=0.5"), regs("=0.5001", "other"))).toBe(false);
  expect(near(regs(""), "none")).toBe(false);
});
