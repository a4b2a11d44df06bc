/** @file The whole life of an entry, and those who would spoil it, on one deployment. */

import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PATIENCE, createClient, realNetwork } from "../../harness/listing/client.ts";
import type { KnownLog } from "../../harness/listing/log-trust.ts";
import { ChallengeDocument, LogPage } from "../../record/answers/documents.ts";
import type { EntryFile } from "../../record/answers/entry-file.ts";
import type { ProblemDocument } from "../../record/answers/problem-document.ts";
import type { BoardRow } from "../../record/board/board-row.ts";
import { parseVerifierKey } from "../../record/log/checkpoint.ts";
import { InclusionProof, Receipt, openInclusionProof } from "../../record/log/log-proof.ts";
import type { Run } from "../../record/run.ts";
import { freshSeeds, type IssuedChallenge } from "../../record/statement/challenge.ts";
import { Envelope, sealEnvelope } from "../../record/statement/envelope.ts";
import type { Machine } from "../world/command-line.ts";
import type { TestedDeployment } from "../world/deployments.ts";
import { micro } from "../world/runs.ts";
import { aResult, alice, idOf, bob } from "../world/statements.ts";
import { challenge, visitor, type Visitor } from "../world/visitor.ts";
import { setStage, type Stage, boardRow } from "./stage.ts";

/** Each test goes on where the one before it stopped. */
export function wholeSuite(deployment: TestedDeployment, training: "real" | "standIn"): void {
  const how = training === "real" ? "real training" : "a stand-in for training";
  describe(`on ${deployment.name}, with ${how}`, () => {
    let current: Stage;
    const stage = () => current;
    // A server that nobody has started before builds its site first.
    beforeAll(async () => void (current = await setStage(deployment, training)), 240_000);
    afterAll(() => current?.end());

    describe("an entry", () => entryIsBorn(stage, training === "real"));
    describe("its moderation", () => entryIsModerated(stage));
    describe("a crowd", () => crowdIsServed(stage));
    describe("refused with a problem of its own, and nothing stored:", () =>
      tamperingIsRefused(stage));
    describe("its end", () => {
      entryIsRetracted(stage);
      entryOutlivesItsServer(stage);
    });
  });
}

const TRAIN = ["--protocol", "micro-1", "--arch", "mlp-12", "--threads", "1", "--out", "a"];

/** Of three seeds that nobody chose, some deviate by chance: docs/trust.md says how often that is inconclusive. */
const HONEST = ["agree", "inconclusive"];

/** @param stage set by then. @param isReal do Ada and Bob train? */
function entryIsBorn(stage: () => Stage, isReal: boolean): void {
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
    expect(open.commitment).toMatchObject({ key: adasKey, arch: "mlp-12", reproduces: null });
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
    stage().entry = /^mlp-12 none: listed: \S+\/entries\/([0-9a-f]{64})$/m.exec(stdout)![1]!;
    const row = await seen;
    expect(row).toMatchObject({ entry: stage().entry, arch: "mlp-12", panel: 5, fresh: 3 });
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
    const [reproduction] = (await document()).reproductions;
    expect(reproduction).toMatchObject({ own: false, retracted: false });
    const verdict = reproduction!.verdict;
    expect(isReal ? HONEST : ["agree"]).toContain(verdict);
    expect(stdout).toContain(verdict === "agree" ? "Agrees" : "Inconclusive");
    stage().honest = { agree: 0, disagree: 0, inconclusive: 0, [verdict]: 1 };
    const [theirs, ours] = [bob, ada].map((machine) =>
      machine.json<ChallengeDocument>(`${machine === bob ? "r" : "a"}/challenge.json`),
    );
    expect(theirs!.commitment.reproduces).toBe(entry);
    expect(theirs!.challenge.seeds).not.toEqual(ours!.challenge.seeds);
    const row = await boardRow(stage(), verdict === "agree" ? "reproduced" : "challenged");
    expect(row.standing.reproductions).toEqual(stage().honest);
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
    expect(standing.reproductions).toEqual({ ...stage().honest, disagree: 1 });
  });
}

/**
 * Everybody comes with the client of the command line, as a server may send some away for a moment: a Worker opens a
 * connection for each request, and PostgreSQL has 97 of them; a server waits five seconds for one of its few.
 *
 * @param stage whose server has not met Alice.
 */
function crowdIsServed(stage: () => Stage): void {
  test("200 submissions of one result at once: one row, one leaf of it, one receipt", async () => {
    const { url, board, get } = stage();
    const someone = visitor(url);
    expect((await someone.register()).status).toBe(201);
    const result = aResult(await challenge(someone));
    const size = await stage().size();
    const { answers, sentAway } = await crowd(
      url,
      await sealEnvelope("result", result, [alice.seed]),
    );
    expect(sentAway.every((wait) => wait > 0)).toBe(true);
    const statuses = answers.map(({ status }) => status).sort((a, b) => b - a);
    expect(statuses).toEqual([201, ...Array<number>(199).fill(200)]);
    expect(new Set(answers.map(({ answer }) => JSON.stringify(answer))).size).toBe(1);
    const id = idOf(result);
    expect(answers[0]!.answer).toMatchObject({ id, index: size });
    const rows = async () => (await board(`?key=${alice.key}`)).rows.map(({ entry }) => entry);
    await expect.poll(rows).toEqual([id]);
    const { size: now, leaves } = await get("/v1/log/entries?limit=200", LogPage);
    expect(now).toBe(size + 2); // the result, and its challenge's outcome
    expect(leaves.filter(({ digest }) => digest === id)).toHaveLength(1);
  }, 120_000);
}

/** @returns also the seconds that 503s asked to wait. */
async function crowd(api: string, envelope: Envelope) {
  const sentAway: number[] = [];
  const network = {
    ...realNetwork,
    async fetch(url: string, init: RequestInit) {
      const answer = await fetch(url, init);
      if (answer.status === 503) sentAway.push(Number(answer.headers.get("retry-after")));
      return answer;
    },
  };
  const patience = { ...PATIENCE, tries: 100 }; // on a busy machine five were not enough for each of them
  const send = () =>
    createClient({ api, network, patience }).post("/v1/results", envelope, Receipt);
  return { answers: await Promise.all(Array.from({ length: 200 }, send)), sentAway };
}

/** @param stage whose server knows Alice. */
function tamperingIsRefused(stage: () => Stage): void {
  let someone: Visitor;
  let issued: IssuedChallenge;
  /** Would be accepted as it is. */
  let sealed: Envelope;

  /** The problem's name, with log and boards as they were. */
  const refused = async (body: BodyInit, headers: Record<string, string> = {}): Promise<string> => {
    const state = async () => [await stage().size(), (await stage().board()).total];
    const before = await state();
    const answer = await fetch(`${stage().url}/v1/results`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...headers },
    });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    const { type, status } = (await answer.json()) as ProblemDocument;
    expect(status).toBe(answer.status);
    expect(await state()).toEqual(before);
    return type.replace("/problems/", "");
  };

  test("a result that could be listed is signed, to be tampered with", async () => {
    someone = visitor(stage().url);
    issued = await challenge(someone);
    sealed = await sealEnvelope("result", aResult(issued), [alice.seed]);
    expect((await someone.register(bob)).status).toBe(201);
  });

  test("one flipped bit, wherever it is", async () => {
    const bytes = Buffer.from(JSON.stringify(sealed));
    const names = new Set<string>();
    const flips = 24;
    for (let i = 0; i < flips; i++) {
      const flipped = Buffer.from(bytes);
      const place = Math.floor((i * (bytes.length - 1)) / (flips - 1));
      flipped[place]! ^= 1 << (i % 7);
      names.add(await refused(flipped));
    }
    const allowed = ["bad-signature", "malformed-envelope", "malformed-json"];
    expect(allowed).toEqual(expect.arrayContaining([...names]));
    expect(names).toContain("bad-signature");
  });

  test("one changed count", async () => {
    const text = Buffer.from(sealed.payload, "base64").toString();
    expect(text).toContain('"testCorrect":4500');
    const changed = text.replace('"testCorrect":4500', '"testCorrect":4501');
    const payload = Buffer.from(changed).toString("base64");
    expect(await refused(JSON.stringify({ ...sealed, payload }))).toBe("bad-signature");
  });

  test("a replay under another key", async () => {
    const result = aResult(issued);
    const borrowed = await sealEnvelope("result", result, [bob.seed]);
    expect(await refused(JSON.stringify(borrowed))).toBe("bad-signature");
    const claimed = await sealEnvelope("result", { ...result, key: bob.key }, [bob.seed]);
    expect(await refused(JSON.stringify(claimed))).toBe("foreign-challenge");
  });

  test.each<[string, () => BodyInit, Record<string, string>, string]>([
    ["1 MB", () => Buffer.alloc(1_000_000, " "), {}, "too-large"],
    ["a gzip bomb", () => gzipSync(Buffer.alloc(64_000_000, " ")), GZIP, "expands-too-far"],
    ["100,000 arrays in each other", () => "[".repeat(100_000), {}, "too-deep"],
    ["a key that is there twice", () => '{"payload":"","payload":""}', {}, "duplicate-member"],
    ["what only says it is gzip", () => "{}", GZIP, "malformed-request"],
  ])("a body of %s", async (_, body, headers, name) => {
    expect(await refused(body(), headers)).toBe(name);
  });

  test("untouched, the same result is accepted after all that", async () => {
    expect((await someone.send("/v1/results", sealed)).status).toBe(201);
  });
}

const GZIP = { "content-encoding": "gzip" };

const REASON = "the counts of another laboratory";

/** @param stage with an entry that is disputed. */
function entryIsModerated(stage: () => Stage): void {
  const moderate = (who: Machine, action: string, ...more: string[]) =>
    who.rademark("admin", action, stage().entry, "--reason", REASON, ...more);

  test("only an operator moderates", async () => {
    const { bob, size } = stage();
    const before = await size();
    const { code, stderr } = await moderate(bob, "quarantine", "--key", "default");
    expect(code).toBe(3);
    expect(stderr).toContain("Only an operator");
    expect(await size()).toBe(before);
  });

  test("an operator's note is on the row, and hides nothing", async () => {
    const { operator } = stage();
    expect(await moderate(operator, "note")).toMatchObject({ code: 0, stderr: "" });
    const noted = async () => (await boardRow(stage(), "disputed")).notes;
    const note = expect.objectContaining({
      kind: "operator",
      text: expect.stringContaining(REASON) as string,
    }) as object;
    await expect.poll(noted).toContainEqual(note);
  });

  test("a quarantined entry leaves the board, with a reason that anybody can read", async () => {
    const { operator, board, document, get } = stage();
    expect(await moderate(operator, "quarantine")).toMatchObject({ code: 0, stderr: "" });
    const row = await boardRow(stage(), "quarantined");
    expect(row.standing.reason).toBe(REASON);
    const { rows, hidden } = await board();
    expect([rows.map(({ entry }) => entry), hidden.quarantined]).toEqual([[], 1]);
    expect((await document()).row.standing.state).toBe("quarantined");
    const [leaf] = (await get("/v1/log/entries?limit=1", LogPage)).leaves;
    expect(leaf).toMatchObject({ action: "quarantine", reason: REASON, subject: stage().entry });
  });

  test("and comes back as it was", async () => {
    const { operator, board } = stage();
    expect(await moderate(operator, "unquarantine")).toMatchObject({ code: 0, stderr: "" });
    const { standing } = await boardRow(stage(), "disputed");
    expect(standing.reproductions).toEqual({ ...stage().honest, disagree: 1 });
    expect((await board()).hidden.quarantined).toBe(0);
  });
}

/** @param stage with an entry on the board. */
function entryIsRetracted(stage: () => Stage): void {
  const retract = (who: Machine) =>
    who.rademark("retract", stage().entry, "--reason", "trained on the wrong data");

  test("only its signer retracts it; it then stays to be seen, off the board", async () => {
    const { ada, bob, board, document } = stage();
    expect((await retract(bob)).code).toBe(3);
    const { code, stdout, stderr } = await retract(ada);
    expect([code, stdout], stderr).toEqual([0, expect.stringContaining("Retracted")]);
    const row = await boardRow(stage(), "retracted");
    expect(row.standing.reason).toBe("trained on the wrong data");
    const { rows, hidden } = await board(`?key=${row.signer.key}`);
    expect(rows).toEqual([]);
    expect(hidden.retracted).toBe(1);
    const { events } = await document();
    expect(events.map(({ kind }) => kind)).toEqual([
      ...["challenged", "submitted", "reproduced", "reproduced"],
      ...["moderated", "moderated", "moderated", "retracted"],
    ]);
    expect((await ada.rademark("status", stage().entry)).stdout).toContain("retracted");
  });
}

/** @param stage with an entry that Ada verified before the log grew. */
function entryOutlivesItsServer(stage: () => Stage): void {
  test("the log has only grown since it was seen first", async () => {
    const { ada, entry, size } = stage();
    const [origin, seen] = knownLog(ada);
    const now = await size();
    expect(now).toBeGreaterThan(seen.size);
    const { code, stdout, stderr } = await ada.rademark("verify", entry);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(`${now} leaves of ${origin} begin with the ${seen.size} seen`);
    expect(stdout).not.toMatch(/FAILED|^- /m);
  });

  test("with the server stopped an exported entry is checked by its file alone", async () => {
    const { ada, bob, entry, stopServer } = stage();
    for (const one of [ada, bob])
      expect(await one.rademark("export", entry, "--out", "entry.json")).toMatchObject({ code: 0 });
    await stopServer();
    expect((await ada.rademark("verify", entry)).code).toBe(4);
    const known = await ada.rademark("verify", "entry.json");
    expect(known.code, known.stderr).toBe(0);
    expect(known.stdout).toMatch(/^ok +log key +The key known/m);
    expect(known.stdout).toMatch(/^ok +consistency/m);
    const strange = await bob.rademark("verify", "entry.json");
    expect([strange.code, strange.stdout]).toEqual([0, expect.stringContaining("compare it with")]);
  }, 60_000);

  test("a file of another history of the log is told apart, without a server", async () => {
    const { ada } = stage();
    const file = ada.json<EntryFile>("entry.json");
    const [origin, log] = knownLog(ada);
    const root = Buffer.alloc(32, 7).toString("base64");
    const other = { [origin]: { ...log, root } };
    writeFileSync(join(ada.cwd, "config/logs.json"), JSON.stringify(other));
    expect((await ada.rademark("verify", "entry.json")).code).toBe(1);
    const payload = Buffer.from(file.envelope.payload, "base64");
    payload[payload.length >> 1]! ^= 1;
    const envelope = { ...file.envelope, payload: payload.toString("base64") };
    writeFileSync(join(ada.cwd, "entry.json"), JSON.stringify({ ...file, envelope }));
    expect((await ada.rademark("verify", "entry.json")).code).toBe(3);
  });
}

/** The only log that a machine has met, behind its origin. */
function knownLog({ json }: Machine): [string, KnownLog] {
  const logs = Object.entries(json<Record<string, KnownLog>>("config/logs.json"));
  expect(logs).toHaveLength(1);
  return logs[0]!;
}
