import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ComparisonDocument,
  EntryDocument,
  EntryRuns,
  KeyDocument,
  MeasuresDocument,
} from "../../../record/answers/documents.ts";
import { readEnvelope } from "../../../record/statement/envelope.ts";
import { alice, bob } from "../../world/statements.ts";
import { micro } from "../../world/runs.ts";
import { type Laboratory, openEventfulRoom } from "../../world/laboratory.ts";

let room: Laboratory;
let ids: string[];
let reproduction: string;
beforeAll(async () => void ({ room, ids, reproduction } = await openEventfulRoom()));
afterAll(() => room.close());

test("an entry tells all that happened to it, in the order of the log", async () => {
  const kinds = async (id: string) => {
    const { events } = await room.read(`/v1/entries/${id}`, EntryDocument);
    const places = events.map(({ index }) => index);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    return events.map(({ kind }) => kind);
  };
  expect(await kinds(ids[0]!)).toEqual(["challenged", "submitted", "reproduced"]);
  expect(await kinds(ids[1]!)).toEqual(["challenged", "submitted", "moderated", "moderated"]);
  expect(await kinds(ids[2]!)).toEqual(["challenged", "submitted", "retracted"]);
});

test("an entry shows who reproduced it with which numbers", async () => {
  const document = await room.read(`/v1/entries/${ids[0]}`, EntryDocument);
  const [only] = document.reproductions;
  expect(only).toMatchObject({ id: reproduction, own: false, signer: { key: bob.key } });
  expect(only!.numbers.map(({ quantity }) => quantity)).toEqual(["complexity", "testAccuracy"]);
  expect(document.row.standing.state).toMatch(/reproduced|disputed/);
  expect(document.challenge!.outcome!.outcome).toBe("completed");
  expect(document.summary.complexity).toEqual(document.row.numbers.complexity);
  expect(document.row.signer.name).toBe("=Alice");
});

test("an entry's envelope is the bytes that were signed", async () => {
  const answer = await room.get(`/v1/entries/${ids[0]}/envelope`);
  expect(answer.headers.get("content-type")).toBe("application/vnd.dsse.envelope.v1+json");
  const opened = await readEnvelope(new Uint8Array(await answer.arrayBuffer()));
  expect(opened).toMatchObject({ ok: true, kind: "result", id: ids[0] });
});

test("an entry's runs come with what is computed from them", async () => {
  const { panel, fresh, metrics } = await room.read(`/v1/entries/${ids[0]}/runs`, EntryRuns);
  expect(panel.map(({ seed }) => seed)).toEqual(micro.panelSeeds);
  expect(metrics.map(({ seed }) => seed)).toEqual([...panel, ...fresh].map(({ seed }) => seed));
});

test("entries of one board are compared over the panel's seeds", async () => {
  const path = `/v1/compare?entries=${ids[1]},${ids[0]}`;
  const { rows, comparisons, differences } = await room.read(path, ComparisonDocument);
  expect(differences).toEqual([]); // one machine made both
  expect(rows.map(({ entry }) => entry)).toEqual([ids[1], ids[0]]);
  expect(comparisons.map(({ quantity }) => quantity)).toEqual([
    "complexity",
    "gap",
    "testAccuracy",
    "trainAccuracy",
  ]);
  expect(comparisons.every(({ seeds }) => seeds.join() === micro.panelSeeds.join())).toBe(true);
  for (const wrong of ["", "?entries=", `?entries=${ids[0]}`, `?entries=${ids[0]},${ids[0]}`])
    expect((await room.get(`/v1/compare${wrong}`)).status).toBe(400);
  const unknown = await room.get(`/v1/compare?entries=${ids[0]},${"0".repeat(64)}`);
  expect(unknown.status).toBe(404);
});

test("measures are scored over the entries that are shown", async () => {
  const { entries, measures } = await room.read("/v1/measures/micro-1", MeasuresDocument);
  expect(entries).toBe(2);
  expect(measures.find(({ name }) => name === "complexity")!.points).toHaveLength(2);
});

test("a key is shown with its name and what it has signed", async () => {
  const key = await room.read(`/v1/keys/${alice.key}`, KeyDocument);
  expect(key).toMatchObject({ name: "=Alice", results: 2, reproductions: 0, next: null });
  expect(await room.read(`/v1/keys/${bob.key}`, KeyDocument)).toMatchObject({ reproductions: 1 });
});

test("a badge is a picture of complexity and state", async () => {
  const answer = await room.get(`/v1/badge/${ids[1]}.svg`);
  const svg = await answer.text();
  expect(answer.headers.get("content-type")).toBe("image/svg+xml");
  expect(svg).toMatch(/complexity -?\d\.\d{3}.*challenged/);
  expect(svg.length).toBeLessThan(1500);
});
