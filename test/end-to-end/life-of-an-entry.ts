/** @file From a new key to an entry that others have reproduced or dispute. */

import { statSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { expect, test } from "vitest";
import type { BoardRow } from "../../record/board/board-row.ts";
import { ChallengeDocument } from "../../record/answers/documents.ts";
import { InclusionProof, type Receipt, openInclusionProof } from "../../record/log/log-proof.ts";
import { parseVerifierKey } from "../../record/log/checkpoint.ts";
import type { Run } from "../../record/run.ts";
import { freshSeeds } from "../../record/statement/challenge.ts";
import { Envelope } from "../../record/statement/envelope.ts";
import { micro } from "../world/runs.ts";
import { type Stage, boardRow } from "./stage.ts";

const TRAIN = ["--protocol", "micro-1", "--arch", "mlp-64", "--threads", "1", "--out", "a"];

/** @param stage set by then. @param isReal do Ada and Bob train? */
export function entryIsBorn(stage: () => Stage, isReal: boolean): void {
  let adasKey: string;

  test("a key is made, for its owner's eyes only", async () => {
    const { ada, bob, carol } = stage();
    const made = await ada.rademark("keys", "create", "--display-name", "Ada");
    expect(made.code, made.stderr).toBe(0);
    const file = ada.json<{ publicKey: string; seed: string }>("config/keys/default.json");
    expect(made.stdout).toContain(file.publicKey);
    expect(made.stdout + made.stderr).not.toContain(file.seed);
    expect(statSync(join(ada.cwd, "config/keys/default.json")).mode & 0o777).toBe(0o600);
    adasKey = file.publicKey;
    for (const other of [bob, carol])
      expect(await other.rademark("keys", "create")).toMatchObject({ code: 0 });
  });

  test("the commitment is public before the seeds are known, which follow from the nonce", async () => {
    const { ada, get } = stage();
    const { code, stderr } = await ada.rademark("run", ...TRAIN, "--challenge");
    expect(code, stderr).toBe(0);
    const { challenge } = ada.json<ChallengeDocument>("a/challenge.json");
    const { outcome, ...open } = await get(`/v1/challenges/${challenge.id}`, ChallengeDocument);
    expect(outcome).toBeNull();
    expect(open.commitment).toMatchObject({ key: adasKey, arch: "mlp-64", reproduces: null });
    expect(open.challenge.seeds).toEqual(freshSeeds(open.challenge, micro.freshSeeds));
    const { seeds } = ada.json<{ seeds: number[] }>("a/config.json");
    expect(seeds).toEqual([...micro.panelSeeds, ...open.challenge.seeds]);
  }, 240_000);

  test("what is submitted comes to the board while somebody looks at it", async () => {
    const { ada, board } = stage();
    const seen = new Promise<BoardRow>((resolve) => {
      const look = async () => {
        const [row] = (await board(`?key=${adasKey}`)).rows;
        if (row) resolve(row);
        else setTimeout(() => void look(), 100);
      };
      void look();
    });
    const { code, stdout, stderr } = await ada.rademark("submit", "a");
    expect(code, stderr).toBe(0);
    stage().entry = /^mlp-64 none: listed: \S+\/entries\/([0-9a-f]{64})$/m.exec(stdout)![1]!;
    const row = await seen;
    expect(row).toMatchObject({ entry: stage().entry, arch: "mlp-64", panel: 5, fresh: 3 });
    expect(row.signer).toEqual({ key: adasKey, name: "Ada" });
    expect(row.standing.challenges.byKey).toEqual({ issued: 1, completed: 1 });
  });

  test("a second submission changes nothing", async () => {
    const { ada, size } = stage();
    const before = await size();
    const { code, stdout } = await ada.rademark("submit", "a");
    expect([code, stdout]).toEqual([0, expect.stringContaining(`already listed`)]);
    expect(await size()).toBe(before);
  });

  test("the entry is served as it was signed, and provably in the log", async () => {
    const { ada, entry, document, get, text } = stage();
    const { row, challenge, receipt, events } = await document();
    expect(row.standing.state).toBe("challenged");
    expect(challenge?.outcome).toMatchObject({ outcome: "completed", statement: entry });
    expect(receipt).toEqual(ada.json<Receipt>("a/receipt.json"));
    expect(events.map(({ kind }) => kind)).toEqual(["challenged", "submitted"]);
    const signed = Envelope.parse(ada.json("a/submission.json"));
    expect(await text(`/v1/entries/${entry}/envelope`)).toBe(JSON.stringify(signed));
    expect(bytesToHex(sha256(Buffer.from(signed.payload, "base64")))).toBe(entry);
    const proof = await get(`/v1/entries/${entry}/proof`, InclusionProof);
    const log = parseVerifierKey((await text("/v1/log/key")).trim())!;
    expect(await openInclusionProof(proof, log)).toMatchObject({ ok: true });
    expect(proof).toMatchObject({ index: receipt.index, entry: { kind: "result", digest: entry } });
  });

  test("its signer checks it with the command line, which remembers the log", async () => {
    const { ada, entry } = stage();
    const { code, stdout, stderr } = await ada.rademark("verify", entry);
    expect(code, stderr).toBe(0);
    expect(stdout).not.toMatch(/FAILED|^- /m);
    expect(stdout).toContain("remembered from now on");
  });

  test("another key reproduces it on fresh seeds of its own", async () => {
    const { ada, bob, entry, document } = stage();
    const { code, stdout, stderr } = await bob.rademark(
      ...["repro", entry, "--out", "r", "--threads", "1"],
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("Agrees");
    const [reproduction] = (await document()).reproductions;
    expect(reproduction).toMatchObject({ verdict: "agree", own: false, retracted: false });
    const [theirs, ours] = [bob, ada].map((machine) =>
      machine.json<ChallengeDocument>(`${machine === bob ? "r" : "a"}/challenge.json`),
    );
    expect(theirs!.commitment.reproduces).toBe(entry);
    expect(theirs!.challenge.seeds).not.toEqual(ours!.challenge.seeds);
    const row = await boardRow(stage(), "reproduced");
    expect(row.standing.reproductions).toEqual({ agree: 1, disagree: 0, inconclusive: 0 });
  }, 240_000);

  test.runIf(isReal)("training on one thread gave both of them the same panel, bit by bit", () => {
    const { ada, bob } = stage();
    for (const seed of micro.panelSeeds) {
      const [{ timing: _, ...hers }, { timing: __, ...his }] = [
        ada.json<Run>(`a/seeds/${seed}/final.json`),
        bob.json<Run>(`r/seeds/${seed}/final.json`),
      ];
      expect(his).toEqual(hers);
    }
  });

  test("a third key whose numbers are others makes it disputed, with both numbers", async () => {
    const { carol, entry, document } = stage();
    const { code, stdout, stderr } = await carol.rademark(
      ...["repro", entry, "--out", "r", "--threads", "1"],
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("Disagrees");
    const { row, reproductions } = await document();
    const numbers = reproductions.find(({ verdict }) => verdict === "disagree")!.numbers;
    const { entry: hers, reproduction } = numbers.find((each) => each.quantity === "testAccuracy")!;
    expect(hers).toBeCloseTo(row.numbers.testAccuracy!.mean, 12);
    expect(reproduction!.mean).toBeCloseTo(0.6, 12);
    for (const number of [hers!, reproduction!.mean])
      expect(stdout).toContain(`${(number * 100).toFixed(2)} %`);
    const { standing } = await boardRow(stage(), "disputed");
    expect(standing.reproductions).toEqual({ agree: 1, disagree: 1, inconclusive: 0 });
  });
}
