import { describe, afterAll, beforeAll, expect, test } from "vitest";
import { eq } from "drizzle-orm";
import {
  standingOf,
  type Laboratory,
  openPeopledLaboratory,
  refused,
  openReadingRoom,
} from "../../world/laboratory.ts";
import { reproductions } from "../../../db/schema.ts";
import type { Receipt } from "../../../record/log/log-proof.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import type { Reproduction, Result } from "../../../record/statement/statements.ts";
import { aResult, alice, bob, hex, keyHolder } from "../../world/statements.ts";
import { challenge, entry, moderate } from "../../world/visitor.ts";
import { BoardPage } from "../../../record/board/board-row.ts";
import { EntryDocument, KeyDocument, LogPage } from "../../../record/answers/documents.ts";

const [mallory, ...honest] = await Promise.all([50, 51, 52, 53].map(keyHolder));

describe("a reproduction", () => {
  let laboratory: Laboratory;
  let original: { result: Result; receipt: Receipt };
  beforeAll(async () => {
    laboratory = await openPeopledLaboratory();
    original = await entry(laboratory);
  });
  afterAll(() => laboratory.close());

  const PATH = "/v1/reproductions";

  /** Ready to be accepted. */
  async function reproduction(holder = bob): Promise<Reproduction> {
    const reproduces = original.receipt.id;
    const issued = await challenge(laboratory, { reproduces }, holder);
    const { supersedes: _, ...measured } = aResult(issued);
    return { ...measured, entry: reproduces, verdict: "agree" };
  }
  const submit = (statement: Reproduction, holder = bob) =>
    laboratory.submit(PATH, "reproduction", statement, holder);
  const standing = () => standingOf(laboratory.db, original.receipt.id);

  test.each<[string, (r: Reproduction) => Reproduction, string, string]>([
    ["of nothing", (r) => ({ ...r, entry: hex(1) }), "unknown-statement", "/entry"],
    [
      "with another verdict than its numbers'",
      (r) => ({ ...r, verdict: "disagree" }),
      "wrong-reproduction",
      "/verdict",
    ],
    [
      "without a challenge",
      (r) => ({ ...r, challenge: null, fresh: [] }),
      "unknown-challenge",
      "/challenge",
    ],
    ["of another configuration", (r) => ({ ...r, regs: "aug" }), "wrong-reproduction", "/regs"],
    [
      "with the entry's fresh runs",
      (r) => ({ ...r, fresh: original.result.fresh }),
      "wrong-seeds",
      "/fresh/0/seed",
    ],
    [
      "on the entry's challenge",
      (r) => ({ ...r, challenge: original.result.challenge }),
      "foreign-challenge",
      "/challenge",
    ],
  ])("a reproduction %s is refused", async (_, change, name, pointer) => {
    const statement = change(await reproduction());
    const problem = await refused(laboratory, () => submit(statement));
    expect([problem.name, problem.errors[0]!.pointer]).toEqual([name, pointer]);
    laboratory.wait(8 * 86_400);
  });

  test("a reproduction is no other key's, signed again or with the key exchanged", async () => {
    const statement = await reproduction();
    const signedAgain = await refused(laboratory, () => submit(statement, alice));
    expect(signedAgain.name).toBe("bad-signature");
    const exchanged = await refused(laboratory, () =>
      submit({ ...statement, key: alice.key }, alice),
    );
    expect([exchanged.name, exchanged.errors[0]!.pointer]).toEqual(["foreign-challenge", "/key"]);
    laboratory.wait(8 * 86_400);
  });

  test("the entry's own key reproduces it for nothing", async () => {
    expect((await submit(await reproduction(alice), alice)).status).toBe(201);
    expect(await standing()).toMatchObject({
      state: "challenged",
      selfReproduced: true,
      reproductions: { agree: 0, disagree: 0, inconclusive: 0 },
    });
  });

  test("another key's agreement moves the entry up, until it is retracted", async () => {
    const statement = await reproduction();
    const answer = await submit(statement);
    expect(answer.status).toBe(201);
    const { id } = (await answer.json()) as Receipt;
    expect(await standing()).toMatchObject({ state: "reproduced", reproductions: { agree: 1 } });
    const rows = await laboratory.db.select().from(reproductions).where(eq(reproductions.id, id));
    expect(JSON.parse(rows[0]!.numbers)).toMatchObject([
      { quantity: "learnedComplexity", agrees: true },
      { quantity: "capacity", agrees: true },
      { quantity: "testAccuracy", agrees: true },
    ]);
    const retraction = { key: bob.key, statement: id, reason: "wrong machine" };
    await laboratory.submit("/v1/retractions", "retraction", retraction, bob);
    expect(await standing()).toMatchObject({ state: "challenged", reproductions: { agree: 0 } });
  });

  /** Far from the entry's test accuracy. */
  async function disagreement(): Promise<Reproduction> {
    const statement = await reproduction();
    const final = { testCorrect: 2000, testLossSum: 30_000 };
    const fresh = statement.fresh.map((run) => ({ ...run, final: { ...run.final!, ...final } }));
    return { ...statement, fresh, verdict: "disagree" };
  }

  test("another key's disagreement disputes the entry, and its latest word counts", async () => {
    expect((await submit(await disagreement())).status).toBe(201);
    expect(await standing()).toMatchObject({ state: "disputed", reproductions: { disagree: 1 } });
    expect((await submit(await reproduction())).status).toBe(201);
    expect(await standing()).toMatchObject({ state: "reproduced", reproductions: { disagree: 0 } });
    expect((await standing()).challenges.byAnybody.completed).toBe(5);
  });

  test("a reproduction that its key's revocation overtakes counts no more", async () => {
    laboratory.wait(60);
    const from = laboratory.deployment.now().toISOString();
    expect((await submit(await disagreement())).status).toBe(201);
    expect((await standing()).state).toBe("disputed");
    const statement = { action: "revoke", key: bob.key, from, reason: "stolen", at: from } as const;
    const envelope = await sealEnvelope("key", statement, [bob.seed]);
    expect((await laboratory.send("/v1/keys", { envelope, name: null })).status).toBe(201);
    expect((await standing()).state).toBe("reproduced");
  });
});

describe("a dispute", () => {
  let room: Laboratory;
  let id: string;
  let fabricated: string;
  beforeAll(async () => {
    room = await openReadingRoom({ address: null });
    id = (await entry(room)).receipt.id;
    for (const holder of honest) {
      await room.register(holder);
      await reproduce(holder, "agree");
    }
    await room.register(mallory!);
    fabricated = await reproduce(mallory!, "disagree");
  });
  afterAll(() => room.close());

  /** Whoever disagrees invents a test accuracy far from the entry's. @returns its id. */
  async function reproduce(holder: typeof alice, verdict: "agree" | "disagree"): Promise<string> {
    const { supersedes: _, ...measured } = aResult(
      await challenge(room, { reproduces: id }, holder),
    );
    const invented = { testCorrect: 2000, testLossSum: 30_000 };
    const fresh = measured.fresh.map((run) =>
      verdict === "agree" ? run : { ...run, final: { ...run.final!, ...invented } },
    );
    const statement = { ...measured, fresh, entry: id, verdict };
    const answer = await room.submit("/v1/reproductions", "reproduction", statement, holder);
    expect(answer.status).toBe(201);
    return ((await answer.json()) as Receipt).id;
  }

  async function row() {
    await room.refresh();
    const { rows } = await room.read("/v1/boards/micro-1", BoardPage);
    return rows.find((each) => each.entry === id)!;
  }
  const document = () => room.read(`/v1/entries/${id}`, EntryDocument);
  const reproductionsOf = async ({ key }: typeof alice) =>
    (await room.read(`/v1/keys/${key}`, KeyDocument)).reproductions;

  test("one of four keys that disagrees disputes an entry, and the row counts all four", async () => {
    expect((await row()).standing).toMatchObject({
      state: "disputed",
      reproductions: { agree: 3, disagree: 1, inconclusive: 0 },
    });
  });

  test("a quarantined reproduction counts no more, and is shown with the operator's reason", async () => {
    expect(await reproductionsOf(mallory!)).toBe(1);
    await moderate(room, "quarantine", fabricated, "no machine gives these counts");
    expect((await row()).standing).toMatchObject({
      state: "reproduced",
      reproductions: { agree: 3, disagree: 0 },
      reason: null,
    });
    const { reproductions, events } = await document();
    expect(reproductions.map(({ id, quarantine }) => [id === fabricated, quarantine])).toEqual([
      ...Array<[boolean, null]>(3).fill([false, null]),
      [true, "no machine gives these counts"],
    ]);
    expect(events.at(-1)).toMatchObject({
      kind: "moderated",
      text: "A reproduction was quarantined by the operator: no machine gives these counts",
    });
    expect([await reproductionsOf(mallory!), await reproductionsOf(honest[0]!)]).toEqual([0, 1]);
    const { leaves } = await room.read("/v1/log/entries?kind=moderation", LogPage);
    expect(leaves[0]).toMatchObject({ action: "quarantine", subject: fabricated, entry: id });
  });

  test("a reproduction is quarantined once, by an operator alone", async () => {
    const at = room.deployment.now().toISOString();
    const decide = (holder: typeof alice, subject: string) => () => {
      const moderation = { key: holder.key, action: "quarantine", subject, reason: "again", at };
      return room.submit("/v1/moderations", "moderation", moderation as never, holder);
    };
    expect((await refused(room, decide(bob, fabricated))).name).toBe("already-done");
    expect((await refused(room, decide(alice, fabricated))).name).toBe("not-an-operator");
    const challenged = await challenge(room);
    const other = await refused(room, decide(bob, challenged.id));
    expect([other.name, other.errors[0]!.pointer]).toEqual(["unknown-statement", "/subject"]);
  });

  test("a note on a reproduction stands among the entry's events, not on its row", async () => {
    await moderate(room, "note", fabricated, "asked for its logs");
    expect((await row()).notes.filter(({ kind }) => kind === "operator")).toEqual([]);
    const { text } = (await document()).events.at(-1)!;
    expect(text).toBe("Note of the operator on a reproduction: asked for its logs");
  });

  test("a reproduction that is brought back disputes the entry again", async () => {
    await moderate(room, "unquarantine", fabricated, "its logs are whole");
    expect((await row()).standing.state).toBe("disputed");
    const { reproductions, events } = await document();
    expect(reproductions.map(({ quarantine }) => quarantine)).toEqual([null, null, null, null]);
    expect(events.at(-1)!.text).toBe(
      "A reproduction was brought back by the operator: its logs are whole",
    );
  });
});
