import { expect, test } from "vitest";
import { signCheckpoint, verifierKey } from "../../../record/log/checkpoint.ts";
import {
  ConsistencyProof,
  InclusionProof,
  type LogEntry,
  logEntryBytes,
  openConsistencyProof,
  openInclusionProof,
} from "../../../record/log/log-proof.ts";
import { consistencyProof, inclusionProof, treeRoot } from "../../../record/log/merkle-tree.ts";
import { encodeBase64 } from "../../../record/signature/base64.ts";
import { publicKeyOf } from "../../../record/signature/ed25519.ts";
import { grow } from "./trees.ts";

const seed = new Uint8Array(32).fill(9);
const origin = "localhost/rademark";
const log = verifierKey(origin, await publicKeyOf(seed));
const entries = Array.from({ length: 11 }, (_, i): LogEntry => {
  return { kind: "result", digest: i.toString(16).repeat(64) };
});
const tree = grow(entries.map(logEntryBytes));
const signedAt = (size: number) =>
  signCheckpoint({ origin, size, root: treeRoot(size, tree) }, seed);

const proof: InclusionProof = {
  entry: entries[6]!,
  index: 6,
  checkpoint: await signedAt(11),
  hashes: inclusionProof(6, 11, tree).map(encodeBase64),
};
const seen = { size: 7, root: treeRoot(7, tree) };
const growth: ConsistencyProof = {
  older: 7,
  checkpoint: await signedAt(11),
  hashes: consistencyProof(7, 11, tree).map(encodeBase64),
};

test("a log entry's bytes are its canonical JSON", () => {
  expect(new TextDecoder().decode(logEntryBytes(entries[1]!))).toBe(
    `{"digest":"${"1".repeat(64)}","kind":"result"}`,
  );
});

test("an entry is proved to be in the log, with nothing but the log's key", async () => {
  expect(InclusionProof.parse(proof)).toEqual(proof);
  const opened = await openInclusionProof(proof, log);
  expect(opened).toMatchObject({ ok: true, checkpoint: { size: 11 } });
});

test.each<[string, Partial<InclusionProof>]>([
  ["another entry", { entry: entries[7]! }],
  ["another kind", { entry: { ...entries[6]!, kind: "retraction" } }],
  ["another place", { index: 7 }],
  ["another tree", { checkpoint: await signedAt(10) }],
  ["an unsigned root", { checkpoint: proof.checkpoint.replace("\n11\n", "\n12\n") }],
  ["a hash missing", { hashes: proof.hashes.slice(1) }],
  ["a hash that is none", { hashes: proof.hashes.with(0, "AAAA") }],
])("with %s it proves nothing", async (_, change) => {
  expect((await openInclusionProof({ ...proof, ...change }, log)).ok).toBe(false);
});

test("a log is proved to have grown from what was seen of it", async () => {
  expect(ConsistencyProof.parse(growth)).toEqual(growth);
  expect(await openConsistencyProof(growth, seen, log)).toMatchObject({ ok: true });
  const forged = { ...seen, root: treeRoot(8, tree) };
  const refused: [ConsistencyProof, typeof seen][] = [
    [growth, forged],
    [growth, { ...seen, size: 6 }],
    [{ ...growth, older: 6 }, seen],
    [{ ...growth, hashes: [] }, seen],
    [{ ...growth, checkpoint: await signedAt(10) }, seen],
  ];
  for (const [document, known] of refused)
    expect((await openConsistencyProof(document, known, log)).ok).toBe(false);
});
