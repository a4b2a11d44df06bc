import { eq } from "drizzle-orm";
import { describe, afterAll, beforeAll, expect, test } from "vitest";
import type { BoardRow } from "../../../record/board/board-row.ts";
import { findReceipt } from "../../../db/read/log-page.ts";
import { boardChanges, challenges, entries, leaves } from "../../../db/schema.ts";
import type { Receipt } from "../../../record/log/log-proof.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { aResult, alice, bob, idOf, hex } from "../../world/statements.ts";
import {
  type Laboratory,
  openPeopledLaboratory,
  refused,
  standingOf,
  openReadingRoom,
} from "../../world/laboratory.ts";
import { challenge, entry, listed, moderate, retract } from "../../world/visitor.ts";
import type { Run } from "../../../record/run.ts";
import type { Result } from "../../../record/statement/statements.ts";
import { aWholeRun } from "../../world/runs.ts";
import { FORMER } from "../../../record/former-version.ts";
import { FORMER_ID, formerEnvelope } from "../../world/former-version.ts";
import { EntryDocument } from "../../../record/answers/documents.ts";

describe("a result", () => {
  let laboratory: Laboratory;
  beforeAll(async () => {
    laboratory = await openPeopledLaboratory();
  });
  afterAll(() => laboratory.close());

  const PATH = "/v1/results";

  test("200 submissions of one result at once: one row, two leaves, one receipt", async () => {
    const { db, send, logSize, changes } = laboratory;
    const result = aResult(await challenge(laboratory));
    const envelope = await sealEnvelope("result", result, [alice.seed]);
    const [size, before] = [await logSize(), changes()];
    // One that has waited too long for a connection, as on a busy machine, is told to come again, and does.
    const sent = async (): Promise<Response> => {
      const answer = await send(PATH, envelope);
      return answer.status === 503 ? sent() : answer;
    };
    const answers = await Promise.all(Array.from({ length: 200 }, sent));
    const statuses = answers.map(({ status }) => status).sort((a, b) => b - a);
    expect(statuses).toEqual([201, ...Array<number>(199).fill(200)]);
    const receipts = new Set(await Promise.all(answers.map((answer) => answer.text())));
    expect(receipts.size).toBe(1);
    const [receipt] = [...receipts].map((text) => JSON.parse(text) as Receipt);
    expect(receipt).toMatchObject({ id: idOf(result), index: size });
    expect(await findReceipt(db, idOf(result))).toEqual(receipt);
    expect(await logSize()).toBe(size + 2); // the result, and its challenge's outcome
    expect(await db.select({ id: entries.id }).from(entries)).toEqual([{ id: idOf(result) }]);
    expect(changes()).toBe(before + 1);
    const [issued] = await db.select().from(challenges);
    expect(issued).toMatchObject({ outcome: "completed", outcomeLeaf: size + 1 });
    expect((await db.select().from(boardChanges)).length).toBeGreaterThan(0);
    const kinds = (await db.select().from(leaves)).map(({ kind }) => kind);
    expect(kinds).toEqual(["key", "key", "challenge", "result", "outcome"]);
  });

  test("a challenge that was met is over for every other result", async () => {
    const { result } = await entry(laboratory);
    const other = { ...result, machine: { ...result.machine, cores: 4 } };
    const problem = await refused(laboratory, () => laboratory.submit(PATH, "result", other));
    expect(problem.name).toBe("stale-challenge");
    expect(problem.detail).toContain("completed");
  });

  test("a result that comes too late is refused, and its challenge's end is logged behind it", async () => {
    const issued = await challenge(laboratory);
    laboratory.wait(7 * 86_400);
    const submit = () => laboratory.submit(PATH, "result", aResult(issued));
    const answer = await submit();
    expect(((await answer.json()) as { type: string }).type).toBe("/problems/stale-challenge");
    await laboratory.settle();
    const [row] = await laboratory.db.select().from(challenges).where(eq(challenges.id, issued.id));
    expect(row!.outcome).toBe("expired");
    expect((await refused(laboratory, submit)).detail).toContain("expired");
  });

  test("a result of the same counts is accepted with a note, and replaces an earlier one", async () => {
    const { receipt: earlier } = await entry(laboratory);
    const { receipt } = await entry(laboratory, (result) => ({
      ...result,
      supersedes: earlier.id,
    }));
    const rows = await laboratory.db.select().from(entries);
    const { notes } = JSON.parse(rows.find(({ id }) => id === receipt.id)!.fixed) as BoardRow;
    expect(notes).toContainEqual(
      expect.objectContaining({ kind: "bit-identical", entry: rows[0]!.id }),
    );
  });

  test("nobody replaces another key's entry", async () => {
    const { receipt } = await entry(laboratory);
    const issued = await challenge(laboratory, {}, bob);
    const result = { ...aResult(issued), supersedes: receipt.id };
    const problem = await refused(laboratory, () => laboratory.submit(PATH, "result", result, bob));
    expect(problem.name).toBe("not-the-signer");
  });

  test("no entry is replaced by one of another configuration", async () => {
    const { receipt } = await entry(laboratory);
    const issued = await challenge(laboratory, { regs: "aug" });
    const result = { ...aResult(issued), supersedes: receipt.id };
    const problem = await refused(laboratory, () => laboratory.submit(PATH, "result", result));
    expect(problem.name).toBe("unknown-statement");
    expect(problem.errors.map(({ pointer }) => pointer)).toEqual(["/regs"]);
  });

  test("a database that fails is no client's fault: nothing is told of it", async () => {
    const { deployment, send, reported } = laboratory;
    const envelope = await sealEnvelope("result", aResult(null), [alice.seed]);
    const [working, before] = [{ ...deployment }, reported.length];
    deployment.open = () => Promise.reject(new Error("password of the database"));
    const answer = await send(PATH, envelope);
    Object.assign(deployment, working);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain("password");
    expect(reported).toHaveLength(before + 1);
  });
});

describe("a result is refused", () => {
  let laboratory: Laboratory;
  beforeAll(async () => {
    laboratory = await openPeopledLaboratory();
  });
  afterAll(() => laboratory.close());

  const PATH = "/v1/results";

  /** A result that could stand, changed, and what it is refused for. */
  type Change = (result: Result) => Result;
  const withRun =
    (change: (run: Run) => Run): Change =>
    (result) => ({
      ...result,
      panel: result.panel.with(2, change(structuredClone(result.panel[2]!))),
    });

  test.each<[string, Change, name: string, pointer: string]>([
    ["with another seed", withRun((run) => ({ ...run, seed: 9 })), "wrong-seeds", "/panel/2/seed"],
    [
      "with a seed twice",
      (r) => ({ ...r, panel: r.panel.with(2, r.panel[1]!) }),
      "wrong-seeds",
      "/panel/2/seed",
    ],
    ["with a seed missing", (r) => ({ ...r, fresh: r.fresh.slice(1) }), "wrong-seeds", "/fresh"],
    [
      "with a fresh seed of its own choice",
      (r) => ({ ...r, fresh: r.fresh.with(0, aWholeRun({ seed: 77 })) }),
      "wrong-seeds",
      "/fresh/0/seed",
    ],
    [
      "with fresh runs but no challenge",
      (r) => ({ ...r, challenge: null }),
      "wrong-seeds",
      "/fresh",
    ],
    [
      "with impossible counts",
      withRun((run) => ({ ...run, testSamples: 20_000 })),
      "impossible-counts",
      "/panel/2/testSamples",
    ],
    [
      "with a run copied within it",
      (r) => ({ ...r, panel: r.panel.with(2, { ...r.panel[1]!, seed: 3 }) }),
      "copied-counts",
      "/panel/2",
    ],
    [
      "of an old harness",
      (r) => ({ ...r, harness: { version: "0.0.9", git: null } }),
      "foreign-challenge",
      "/harness/version",
    ],
    [
      "of an unknown protocol",
      (r) => ({ ...r, protocol: hex(1) }),
      "unknown-protocol",
      "/protocol",
    ],
    [
      "of an unknown architecture",
      (r) => ({ ...r, arch: "mlp-x" }),
      "malformed-statement",
      "/arch",
    ],
    [
      "of regularizers written otherwise",
      (r) => ({ ...r, regs: "wd=0.0050" }),
      "malformed-statement",
      "/regs",
    ],
    ["of unknown regularizers", (r) => ({ ...r, regs: "luck=1" }), "malformed-statement", "/regs"],
    [
      "of another architecture than committed to",
      (r) => ({ ...r, arch: "mlp-256" }),
      "foreign-challenge",
      "/arch",
    ],
    [
      "with a challenge never issued",
      (r) => ({ ...r, challenge: hex(2) }),
      "unknown-challenge",
      "/challenge",
    ],
    [
      "that replaces nothing known",
      (r) => ({ ...r, supersedes: hex(3) }),
      "unknown-statement",
      "/supersedes",
    ],
  ])("a result %s is refused", async (_, change, name, pointer) => {
    const result = change(aResult(await challenge(laboratory)));
    const problem = await refused(laboratory, () => laboratory.submit(PATH, "result", result));
    expect(problem.errors.map((error) => error.pointer)).toContain(pointer);
    expect(problem.name).toBe(name);
    laboratory.wait(8 * 86_400); // its challenge expires, so that the next may be issued
  });
  test("a result below the protocol's least harness is refused", async () => {
    const result = { ...aResult(null), harness: { version: "0.0.9", git: null } };
    const problem = await refused(laboratory, () => laboratory.submit(PATH, "result", result));
    expect(problem.name).toBe("old-harness");
  });

  test("a result of version 0.1 is refused with the remedy", async () => {
    const problem = await refused(laboratory, async () =>
      laboratory.send("/v1/results", await formerEnvelope()),
    );
    expect(problem.name).toBe("malformed-statement");
    expect(problem.errors).toEqual([
      { pointer: "/protocol", rule: FORMER, found: `"${FORMER_ID}"` },
    ]);
  });

  test("another key's challenge is a foreign one", async () => {
    const result = { ...aResult(await challenge(laboratory)), key: bob.key };
    const problem = await refused(laboratory, () => laboratory.submit(PATH, "result", result, bob));
    expect(problem.name).toBe("foreign-challenge");
    expect(problem.errors.map(({ pointer }) => pointer)).toEqual(["/key"]);
  });
});

describe("entries that replace each other", () => {
  let room: Laboratory;
  /** Each replaces the one before it. */
  let ids: string[];
  beforeAll(async () => {
    room = await openReadingRoom({ address: null });
    ids = [await listed(room)];
    for (const supersedes of [0, 1]) ids.push(await listed(room, { supersedes: ids[supersedes]! }));
  });
  afterAll(() => room.close());

  /** State of each, and the place of what replaces it. */
  const states = () =>
    Promise.all(
      ids.map(async (id) => {
        const { state, supersededBy } = await standingOf(room.db, id);
        return [state, supersededBy === null ? null : ids.indexOf(supersededBy)];
      }),
    );

  test("what replaces an entry hides it", async () => {
    expect(await states()).toEqual([
      ["superseded", 1],
      ["superseded", 2],
      ["challenged", null],
    ]);
  });

  test("what an operator sets aside hides its predecessor no longer", async () => {
    await moderate(room, "quarantine", ids[2]!, "copied");
    expect(await states()).toEqual([
      ["superseded", 1],
      ["challenged", null],
      ["quarantined", null],
    ]);
    await room.refresh();
    const { events } = await room.read(`/v1/entries/${ids[1]}`, EntryDocument);
    expect(events.map(({ kind }) => kind)).toEqual(["challenged", "submitted"]);
  });

  test("what its signer took back hides its predecessor no longer", async () => {
    await retract(room, ids[1]!, "a wrong flag");
    expect(await states()).toEqual([
      ["challenged", null],
      ["retracted", null],
      ["quarantined", null],
    ]);
  });

  test("what replaced a result that was taken back replaces its predecessor, too", async () => {
    await moderate(room, "unquarantine", ids[2]!, "it was not");
    expect(await states()).toEqual([
      ["superseded", 2],
      ["retracted", 2],
      ["challenged", null],
    ]);
  });
});
