/** @file A board of everything that is hard to show: long, foreign and hostile-looking texts, and every state. */

import type { Result } from "../../../record/statement/statements.ts";
import { aChallenge, aLevelledResult } from "../../world/statements.ts";
import { aWholeDivergedRun } from "../../world/runs.ts";
import { type Holder, type Stage, holder } from "../data/stage.ts";
import type { Receipt } from "../../../record/log/log-proof.ts";

/** Each as long as names may be, or made of what breaks pages. */
export const NAMES = {
  wide: "W".repeat(60),
  arabic: "مختبر الشبكات العصبية 2024 (القسم 3)",
  hebrew: 'המעבדה לרשתות נוירונים "א" 12:30',
  chinese: "複雑性測定研究所".repeat(8).slice(0, 60),
  hostile: `x" onmouseover="alert(1)' style='x';--{{7*7}}\${8*8}`,
};

/** The longest that fits into 200 characters: every regularizer, with every digit that a number has. */
export const LONG_REGS =
  "wd=0.0012345678901234567,dropout=0.12345678901234566,ls=0.12345678901234566,aug,cutout=8," +
  "mixup=1.1234567890123457,cutmix=1.1234567890123457,sam=0.12345678901234566,rl=1234.123456789:confusion@1";

export const HOSTILE = `</script><script>alert("reason")</script><img src=x onerror=alert(2)> & <b>bold</b>`;
export const HEBREW_REASON = "הוסר: המכונה שהוצהרה (2 ליבות) אינה קיימת!";

export type HardBoard = Awaited<ReturnType<typeof fillHardBoard>>;

/** @returns ids of its entries. */
export async function fillHardBoard(stage: Stage) {
  const names = Object.entries(NAMES);
  const keys = await Promise.all(names.map((_, i) => holder(10 + i)));
  const [wide, arabic, hebrew, chinese, hostile] = keys as [Holder, Holder, Holder, Holder, Holder];
  for (const [i, key] of keys.entries()) await stage.register(key, names[i]![1]);
  const enter = (who: Holder, arch: string, regs: string, known: number, fresh = true) =>
    stage.enter(who, { arch, regs }, { known, train: 0.5 + known / 2, test: 0.4 }, fresh);
  const entries = {
    long: await enter(wide, "mlp-16384", LONG_REGS, 0.4),
    arabic: await enter(arabic, "vit-ti-4", "none", 0.7),
    hebrew: await enter(hebrew, "mlp-512", "dropout=0.5", 0.2),
    chinese: await enter(chinese, "mlp-512", "none", 0.5),
    hostile: await strange(stage, hostile),
    unchallenged: await enter(wide, "cnn-16", "aug", 0.1, false),
    diverged: await diverged(stage, arabic),
    disputed: await enter(hebrew, "cnn-16", "none", 0.3),
    reproduced: await enter(chinese, "cnn-16", "ls=0.1", 0.25),
    retracted: await enter(hostile, "cnn-16", "wd=0.01", 0.6),
    quarantined: await enter(hostile, "cnn-16", "mixup=0.2", 0.9),
    superseded: await enter(chinese, "mlp-64", "none", 0.35),
  };
  await reproduce(stage, entries.disputed, wide, 0.88, "disagree");
  await reproduce(stage, entries.reproduced, hebrew, 0.26, "agree");
  await replace(stage, entries.superseded, chinese);
  const retraction = { key: hostile.key, statement: entries.retracted, reason: HOSTILE };
  await stage.submit("/v1/retractions", "retraction", retraction, hostile);
  await moderate(stage, "quarantine", entries.quarantined, HEBREW_REASON);
  await moderate(stage, "note", entries.hostile, HOSTILE);
  await stage.until("/v1/boards/micro-1", (board) => {
    const { hidden } = board as { hidden: Record<string, number> };
    return Object.values(hidden).every((number) => number === 1);
  });
  await stage.untilMeasured();
  return entries;
}

/** On a machine whose names are markup, as long as they may be. */
async function strange(stage: Stage, who: Holder): Promise<string> {
  const configuration = { arch: "wrn-40-32", regs: "noise=0.2" };
  const issued = await stage.challenge(who, configuration);
  const result = aLevelledResult(issued, { known: 0.45, train: 0.9, test: 0.3 });
  const cpu = HOSTILE.padEnd(200, " <i>");
  return send(stage, who, { ...result, machine: { ...result.machine, cpu, gpus: [HOSTILE] } });
}

async function diverged(stage: Stage, who: Holder): Promise<string> {
  const configuration = { arch: "cnn-16", regs: "sam=10" };
  const result = aLevelledResult(aChallenge({ key: who.key, ...configuration }), {
    ...{ known: 0.3, train: 0.6, test: 0.4 },
  });
  const panel = result.panel.map((run, i) => {
    const { protocol, arch, regs, seed } = run;
    return i === 0 ? aWholeDivergedRun({ protocol, arch, regs, seed }) : run;
  });
  return send(stage, who, { ...result, panel, challenge: null, fresh: [] });
}

async function replace(stage: Stage, supersedes: string, who: Holder): Promise<void> {
  const issued = await stage.challenge(who, { arch: "mlp-64", regs: "none" });
  const result = aLevelledResult(issued, { known: 0.42, train: 0.72, test: 0.39 });
  await send(stage, who, { ...result, supersedes });
}

async function send(stage: Stage, who: Holder, result: Result): Promise<string> {
  return (await stage.submit<"result", Receipt>("/v1/results", "result", result, who)).id;
}

async function reproduce(
  stage: Stage,
  entry: string,
  who: Holder,
  known: number,
  verdict: "agree" | "disagree",
): Promise<void> {
  const { row } = (await (await fetch(`${stage.url}/v1/entries/${entry}`)).json()) as {
    row: { arch: string; regs: string };
  };
  const { arch, regs } = row;
  const issued = await stage.challenge(who, { arch, regs, reproduces: entry });
  const levels = { known, train: 0.5 + known / 2, test: 0.4 };
  const { supersedes: _, ...measured } = aLevelledResult(issued, levels);
  const statement = { ...measured, entry, verdict };
  await stage.submit("/v1/reproductions", "reproduction", statement, who);
}

async function moderate(
  { submit, operator }: Stage,
  action: "quarantine" | "note",
  subject: string,
  reason: string,
): Promise<void> {
  const at = new Date().toISOString();
  const statement = { key: operator.key, action, subject, reason, at };
  await submit("/v1/moderations", "moderation", statement, operator);
}
