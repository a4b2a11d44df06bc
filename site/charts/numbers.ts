/** @file Numbers as pages, charts and the report show them. A share in [0, 1] is shown in percent. */

import type { Interval } from "../../record/statistics/interval.ts";

export const DASH_HELP = "– was not measured, or is void because a run diverged.";

/** Made once: making it costs more than a row of a table. */
const GROUPED = new Intl.NumberFormat("en-US");

/** `12,345`. */
export function count(value: number): string {
  return GROUPED.format(Math.round(value));
}

/** `1 run`, `2 runs`, and `2 leaves` where the noun needs it. */
export function plural(value: number, noun: string, many = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : many}`;
}

/** `0.42`, `−1.3`; a dash for what was not measured. */
export function decimal(value: number | null, digits = 2): string {
  if (value === null || !Number.isFinite(value)) return "–";
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? (0).toFixed(digits) : text).replace("-", "−");
}

/** `41.2 ± 1.3` of what is no share: bits, ranks, losses. */
export function decimalInterval(interval: Interval | null, digits = 2): string {
  if (interval === null) return "–";
  const { mean, high } = interval;
  const center = decimal(mean, digits);
  return high === null ? center : `${center} ± ${halfWidthText(high - mean, digits)}`;
}

/** `1.3`, and `<0.1` where rounding would make it 0: no interval is of width zero. */
function halfWidthText(half: number, digits: number): string {
  const text = half.toFixed(digits);
  return half > 0 && Number(text) === 0 ? `<${(10 ** -digits).toFixed(digits)}` : text;
}

/** `7.4 s`, `3 min 12 s`, `2 h 05 min`. */
export function duration(seconds: number | null): string {
  if (seconds === null) return "–";
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** `3.8 GiB`. */
export function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

const UNITS = [
  [1e9, " G"],
  [1e6, " M"],
  [1e3, " k"],
] as const;

/** `11.2 M`, `12.3 k`, `9,999`: three digits from ten thousand up. */
export function short(value: number): string {
  if (value < 1e4) return count(value);
  const rounded = Number(value.toPrecision(3));
  const [size, unit] = UNITS.find(([least]) => rounded >= least)!;
  return `${Number((rounded / size).toPrecision(3))}${unit}`;
}

/** `2026-11-23`. */
export function day(at: string): string {
  return at.slice(0, 10);
}

/** `2026-11-23 23:46 UTC`; a text that is not a time stays as it is. */
export function minute(at: string): string {
  return Number.isNaN(Date.parse(at)) ? at : `${at.slice(0, 16).replace("T", " ")} UTC`;
}

/** `p = .032`, `p < .001`; `no p` where no test was made. */
export function pValue(p: number | null): string {
  if (p === null) return "no p";
  return p < 0.001 ? "p < .001" : `p = ${p.toFixed(3).replace(/^0/, "")}`;
}

/** `f912919bdea3…`: enough to tell apart; the whole stands in the link or the title. */
export function shortDigest(digest: string): string {
  return `${digest.slice(0, 12)}…`;
}

/** The interval's ends, or the mean twice where one value gives none. */
export function ends({ mean, low, high }: Interval): [number, number] {
  return [low ?? mean, high ?? mean];
}

/** `41.2`: percent without the sign; a dash for what was not measured. */
export function percent(share: number | null, digits = 1): string {
  return decimal(share === null ? null : 100 * share, digits);
}

/** `41.2 ± 1.3`, or `41.2` where there is no interval. */
export function percentInterval(interval: Interval | null, digits = 1): string {
  if (interval === null) return "–";
  const { mean, high } = interval;
  const center = percent(mean, digits);
  return high === null ? center : `${center} ± ${halfWidthText(100 * (high - mean), digits)}`;
}
