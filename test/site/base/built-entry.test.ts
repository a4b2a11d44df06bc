/** @file What the build works out by itself, against what the server answers. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EntryDocument, EntryRuns, LogPage } from "../../../record/answers/documents.ts";
import { encodeBase64 } from "../../../record/signature/base64.ts";
import type { Envelope } from "../../../record/statement/envelope.ts";
import { checkedLog, proofIn, runsIn, signedCheckpoint } from "../../../site/data/build-api.ts";
import { type TidyTable, tidyTables } from "../../../record/tidy-tables.ts";
import { runsCsv } from "../../../site/data/run-rows.ts";
import { type Laboratory, openPeopledLaboratory } from "../../world/laboratory.ts";
import { entry } from "../../world/visitor.ts";

let laboratory: Laboratory;
let path: string;
beforeAll(async () => {
  laboratory = await openPeopledLaboratory();
  path = `/v1/entries/${(await entry(laboratory)).receipt.id}`;
});
afterAll(() => laboratory.close());

const answer = async (address: string) => laboratory.app.request(address);
const read = async <T>(address: string) => (await (await answer(address)).json()) as T;

test("the runs of an entry's page are those that the server takes from its envelope", async () => {
  const envelope = await read<Envelope>(`${path}/envelope`);
  const document = await read<EntryDocument>(path);
  expect(runsIn(envelope, document)).toEqual(await read(`${path}/runs`));
});

test("the runs that a page saves as CSV have the columns of an export, a line each", async () => {
  const document = await read<EntryDocument>(path);
  const runs = await read<EntryRuns>(`${path}/runs`);
  const text = runsCsv(document, runs, { headline: 100, harness: "0.2.0" });
  const [head, ...lines] = text.trimEnd().split("\r\n");
  const [{ columns }] = tidyTables([], ["runs"]) as [TidyTable];
  expect(head).toBe(columns.map(({ name }) => name).join(","));
  expect(lines).toHaveLength(document.row.panel + document.row.fresh);
  const { arch, engine } = document.row;
  const { seed, testAccuracy } = runs.metrics[0]!;
  expect(lines[0]).toMatch(new RegExp(`^micro-1,${document.protocol.id},${arch},[^,]*,${seed},`));
  expect(lines[0]).toContain(`,${testAccuracy},`);
  expect(lines[0]).toContain(`,${engine.device},${engine.library},`);
  expect(lines[0]).toMatch(/,0\.2\.0$/);
});

describe("the proof on an entry's page", () => {
  const log = async () => {
    const checkpoint = await (await answer("/v1/log/checkpoint")).text();
    const { leaves } = await read<LogPage>("/v1/log/entries?limit=200");
    const key = await (await answer("/v1/log/key")).text();
    const opened = await signedCheckpoint(checkpoint, key);
    return { checkpoint, key, opened, leaves: leaves.toReversed() };
  };
  const place = async () => {
    const { row, receipt } = await read<EntryDocument>(path);
    return { digest: row.entry, index: receipt.index };
  };

  test("is the server's, to the byte", async () => {
    const { checkpoint, opened, leaves } = await log();
    expect(leaves.length).toBeGreaterThan(2);
    const proof = proofIn(checkedLog(checkpoint, opened, leaves), await place());
    expect(JSON.stringify(proof)).toBe(await (await answer(`${path}/proof`)).text());
  });

  test("is left to the server for a leaf that came after the checkpoint", async () => {
    const { checkpoint, opened, leaves } = await log();
    const { digest } = await place();
    const built = checkedLog(checkpoint, opened, leaves);
    expect(proofIn(built, { digest, index: leaves.length })).toBeNull();
  });

  test("is refused over leaves that are not the checkpoint's", async () => {
    const { checkpoint, opened, leaves } = await log();
    const built = (others: typeof leaves) => () => checkedLog(checkpoint, opened, others);
    expect(built([leaves[1]!, leaves[0]!, ...leaves.slice(2)])).toThrow("not those of its");
    expect(built(leaves.slice(1))).toThrow("not those of its checkpoint");
  });

  test("is refused under a checkpoint that the log's key did not sign", async () => {
    const { checkpoint, key, opened } = await log();
    const root = encodeBase64(opened.root);
    const other = checkpoint.replace(root, encodeBase64(opened.root.toReversed()));
    await expect(signedCheckpoint(other, key)).rejects.toThrow("checkpoint does not hold");
    await expect(signedCheckpoint(checkpoint, "a key")).rejects.toThrow("names no key of its log");
  });
});
