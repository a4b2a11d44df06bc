/** @file What an operator and a signer may still do to an entry, and what is left when the server is gone. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LogPage } from "../../record/answers/documents.ts";
import type { EntryFile } from "../../record/answers/entry-file.ts";
import type { KnownLog } from "../../harness/listing/log-trust.ts";
import type { Machine } from "../world/command-line.ts";
import { BOARD_PATIENCE, type Stage, boardRow } from "./stage.ts";

const REASON = "the counts of another laboratory";

/** @param stage with an entry that is disputed. */
export function entryIsModerated(stage: () => Stage): void {
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
    await expect.poll(noted, BOARD_PATIENCE).toContainEqual(note);
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
    expect(standing.reproductions).toMatchObject({ agree: 1, disagree: 1 });
    expect((await board()).hidden.quarantined).toBe(0);
  });
}

/** @param stage with an entry on the board. */
export function entryIsRetracted(stage: () => Stage): void {
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
export function entryOutlivesItsServer(stage: () => Stage): void {
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
    expect(known.stdout).toMatch(/^ok +log key +The one known/m);
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
