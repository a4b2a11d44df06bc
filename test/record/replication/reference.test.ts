import { expect, test } from "vitest";
import { deriveProtocol } from "../../../record/derived-protocol.ts";
import { RecordError } from "../../../record/problem.ts";
import { protocolId } from "../../../record/protocols.ts";
import {
  type UnlistedRuns,
  cellKey,
  readReference,
  sealUnlistedRuns,
} from "../../../record/replication/reference.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import type { Statement } from "../../../record/statement/statements.ts";
import { aReproduction, aResult, alice, bob, hex, idOf } from "../../world/statements.ts";
import { aWholeRun, micro } from "../../world/runs.ts";

const HEADER = {
  ...{ rademark: "dump", version: 1, origin: "here", verifierKey: "here+00+AA" },
  ...{ size: 2, checkpoint: "" },
};

async function leafLine<Kind extends "result" | "reproduction">(
  kind: Kind,
  statement: Statement<Kind>,
  seed: Uint8Array,
): Promise<string> {
  const body = JSON.stringify(await sealEnvelope(kind, statement, [seed]));
  const at = "2026-01-01T00:00:00.000Z";
  return JSON.stringify({ index: 0, kind, digest: hex(1), at, checkpoint: "", body });
}

const longer = deriveProtocol(micro, ["learningRate.peak=0.002"]);

function unlisted(changes: Partial<UnlistedRuns> = {}): UnlistedRuns {
  const { engine, machine, harness } = aResult();
  const run = { ...aWholeRun({ seed: 6 }), protocol: protocolId(longer) };
  return {
    ...{ key: alice.key, inLog: false, base: "micro-1", settings: ["learningRate.peak=0.002"] },
    ...{ protocol: longer, headInput: "raw", arch: run.arch, regs: run.regs, runs: [run] },
    ...{ engine, machine, harness, ...changes },
  };
}

const onlyRuns = (lines: string[]) => readReference({ log: [], runs: lines });

test("a reference run says what it is of, which document it follows, and which entry holds it", async () => {
  const result = aResult();
  const { reproduction } = aReproduction(result);
  const log = [
    JSON.stringify(HEADER),
    await leafLine("result", result, alice.seed),
    await leafLine("reproduction", reproduction, bob.seed),
    JSON.stringify({ name: { key: alice.key, name: "Alice", at: "2026-01-01T00:00:00.000Z" } }),
  ];
  const read = await readReference({
    log,
    runs: [await sealUnlistedRuns(unlisted(), alice.seed), ""],
  });
  const listed = read.runs.filter(({ entry }) => entry !== null);
  expect(listed.map(({ run }) => run)).toEqual([...result.panel, ...result.fresh]);
  expect(new Set(listed.map(({ entry }) => entry))).toEqual(new Set([idOf(result)]));
  expect(read.runs.at(-1)).toEqual({
    ...{ network: "mlp-512", base: "micro-1", settings: ["learningRate.peak=0.002"], regs: "none" },
    ...{ headInput: "raw", seed: 6, run: unlisted().runs[0], protocol: longer, entry: null },
  });
  const { entry, key, verdict } = reproduction;
  expect(read.reproductions).toEqual([
    { entry, key, verdict, reproduction: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
  ]);
});

test("cells differ by network, base, settings, regularizers and head input", () => {
  const cell = { network: "mlp-8", base: "micro-1", settings: [], regs: "none" } as const;
  const cells = [
    { ...cell, headInput: "rms" as const },
    { ...cell, headInput: "raw" as const },
    { ...cell, headInput: "rms" as const, network: "mlp-9" },
    { ...cell, headInput: "rms" as const, base: "cifar10-1" },
    { ...cell, headInput: "rms" as const, settings: ["epochs=2"] },
    { ...cell, headInput: "rms" as const, regs: "aug" },
  ];
  expect(new Set(cells.map(cellKey)).size).toBe(cells.length);
});

const edited = (line: string, change: (payload: string) => string) => {
  const envelope = JSON.parse(line) as { payload: string };
  const payload = change(Buffer.from(envelope.payload, "base64").toString());
  return JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString("base64") });
};

test("a line that was edited, signed by another, or of another cell is refused, with its place", async () => {
  const good = await sealUnlistedRuns(unlisted(), alice.seed);
  const refusals: [lines: string[], words: string][] = [
    [[good, edited(good, (payload) => payload.replace('"seed":6', '"seed":7'))], "line 2: "],
    [[await sealUnlistedRuns(unlisted(), bob.seed)], "signature"],
    [[await sealUnlistedRuns(unlisted({ settings: [] }), alice.seed)], "makes the protocol"],
    [[await sealUnlistedRuns(unlisted({ arch: "mlp-256" }), alice.seed)], "a run of mlp-256"],
    [[good, good], "one run of each seed"],
    [["{"], "a line of JSON"],
  ];
  for (const [lines, words] of refusals) {
    const error = await onlyRuns(lines).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RecordError);
    expect((error as RecordError).message).toContain(words);
  }
});

test("counts that break the protocol's rules are refused, though they are signed", async () => {
  const [run] = unlisted().runs;
  const runs = [{ ...run!, final: { ...run!.final!, testCorrect: 10_001 } }];
  const line = await sealUnlistedRuns(unlisted({ runs }), alice.seed);
  await expect(onlyRuns([line])).rejects.toThrow("runs.jsonl line 1");
});
