/** @file What the site may cost, what it did cost, and the table of both. */

import { left, markdownTable, right } from "../../training/markdown-table.ts";
import type { MeasuredPage, MeasuredSite } from "./measured-site.ts";
import type { PageCost } from "./page-cost.ts";
import type { ToyCost } from "./toy.ts";

export interface Budget {
  title: string;
  measured: number;
  /** Null: reported, not judged. */
  most: number | null;
  unit: "kB" | "s" | "ms" | "";
}

const [BYTES, PAINT_SECONDS, SHIFT, KEYSTROKE_MILLISECONDS] = [150_000, 1.5, 0.02, 50];
const PICTURE_BYTES = 85_000;
const ARRIVAL_SECONDS = 2;

const TOY = { seconds: 5, bytes: 250_000 };

export function toyBudgets({ seconds, bytes }: ToyCost): Budget[] {
  const title = "the first page's toy";
  return [
    {
      ...{ title: `${title}: one training (median)`, most: TOY.seconds, unit: "s" },
      measured: median(seconds),
    },
    {
      ...{ title: `${title}: all that it fetches`, most: TOY.bytes / 1000, unit: "kB" },
      measured: bytes / 1000,
    },
  ];
}

export function siteBudgets({ pages, toy, arrivals, filtering }: MeasuredSite): Budget[] {
  const { rows, keystrokes, mapMilliseconds } = filtering;
  const many = `filtering ${rows.toLocaleString("en")} rows`;
  const ms = (title: string, measured: number, most: number | null): Budget => ({
    ...{ title, measured, most, unit: "ms" },
  });
  return [
    ...pages.flatMap(pageBudgets),
    ...toyBudgets(toy),
    arrivalBudget("median", median(arrivals)),
    arrivalBudget(`the slowest of ${arrivals.length}`, Math.max(...arrivals)),
    ms(`${many}, a keystroke (median)`, median(keystrokes), KEYSTROKE_MILLISECONDS),
    ms(`${many}, the slowest of ${keystrokes.length}`, Math.max(...keystrokes), null),
    ms("drawing the map anew once typing pauses", mapMilliseconds, null),
  ];
}

function arrivalBudget(which: string, milliseconds: number): Budget {
  const title = `from a receipt to its row on an open board (${which})`;
  return { title, measured: milliseconds / 1000, most: ARRIVAL_SECONDS, unit: "s" };
}

function pageBudgets({ title, isNewer, visits, throttled }: MeasuredPage): Budget[] {
  const all = [...visits, ...throttled];
  const paint = median(throttled.map(({ largestPaint }) => largestPaint)) / 1000;
  return [
    ...weightBudgets(title, isNewer, all),
    {
      ...{ title: `${title}: largest contentful paint`, most: PAINT_SECONDS, unit: "s" },
      measured: paint,
    },
    {
      ...{ title: `${title}: layout shift`, most: SHIFT, unit: "" },
      measured: Math.max(...all.map(({ shift }) => shift)),
    },
  ];
}

/** What the pictures of a newer page need counts on its own: it is fetched on demand. */
function weightBudgets(title: string, isNewer: boolean, all: readonly PageCost[]): Budget[] {
  const most = (bytes: (cost: PageCost) => number) => Math.max(...all.map(bytes)) / 1000;
  const row = (what: string, limit: number, bytes: (cost: PageCost) => number): Budget => ({
    ...{ title: `${title}: ${what}`, most: limit / 1000, unit: "kB", measured: most(bytes) },
  });
  const hasPictures = all.some(({ pictureBytes }) => pictureBytes > 0);
  if (!isNewer || !hasPictures) return [row("all that is sent", BYTES, ({ bytes }) => bytes)];
  return [
    row("all but its pictures", BYTES, ({ bytes, pictureBytes }) => bytes - pictureBytes),
    row("its pictures", PICTURE_BYTES, ({ pictureBytes }) => pictureBytes),
  ];
}

/** The median; of an even number of values, the lower of the two in the middle. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;
}

export function isMet({ measured, most }: Budget): boolean {
  return most === null || measured <= most;
}

export function budgetTable(budgets: readonly Budget[]): string {
  const columns = [left("what"), right("measured"), right("budget"), left("")];
  return markdownTable(columns, budgets.map(budgetRow));
}

function budgetRow(budget: Budget): string[] {
  const { title, measured, most, unit } = budget;
  const text = (value: number) => `${value.toFixed(DIGITS[unit])} ${unit}`.trim();
  const allowed = most === null ? "-" : `<= ${text(most)}`;
  const verdict = most === null ? "" : isMet(budget) ? "met" : "missed";
  return [title, text(measured), allowed, verdict];
}

const DIGITS = { kB: 0, s: 2, ms: 0, "": 3 };
