import { afterAll, beforeAll, expect, test } from "vitest";
import { SentencesDocument } from "../../../record/answers/documents.ts";
import { type Laboratory, openReadingRoom } from "../../world/laboratory.ts";
import { listed, retract } from "../../world/visitor.ts";

let room: Laboratory;
let none: string;
let regularized: string;
let longer: string;
beforeAll(async () => {
  room = await openReadingRoom();
  none = await listed(room);
  regularized = await listed(room, { regs: "wd=0.005" });
  await listed(room, { regs: "aug", challenged: false });
  longer = await listed(room, { regs: "aug" });
  await retract(room, await listed(room, { regs: "ls=0.1" }), "A wrong folder.");
  await listed(room, { arch: "cnn-16", regs: "wd=0.005" });
  await room.refresh();
}, 60_000);
afterAll(() => room.close());

const read = () => room.read("/v1/boards/micro-1/sentences", SentencesDocument);

test("a sentence stands for each regularized configuration with none of its architecture beside it", async () => {
  const { configurations, sentences } = await read();
  expect(configurations).toBe(2);
  expect(sentences.map(({ arch, regs }) => `${arch} ${regs}`)).toEqual([
    "mlp-512 wd=0.005",
    "mlp-512 aug",
  ]);
  expect(sentences[0]).toMatchObject({ entry: regularized, none });
  expect(sentences[0]!.text).toMatch(/^wd=0.005 on mlp-512/);
});

test("of two entries of a configuration the one with more runs speaks", async () => {
  const { sentences } = await read();
  expect(sentences.find(({ regs }) => regs === "aug")?.entry).toBe(longer);
});

test("an empty board says nothing", async () => {
  const empty = await room.read("/v1/boards/cifar10-1/sentences", SentencesDocument);
  expect(empty).toMatchObject({ configurations: 0, sentences: [] });
});
