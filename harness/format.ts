/** @file Numbers as people read them on a terminal; for those of pages see site/charts/numbers.ts. */

import type { Estimate, Summary } from "../record/summary.ts";

/** `0:07`, `12:34`, `3:02:11`; nothing known is `-:--`. */
export function formatDuration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return "-:--";
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const tail = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** A share in [0, 1] as percent; a share that is not a number is a dash. */
export function formatPercent(share: number | null): string {
  return share === null || !Number.isFinite(share) ? "-" : `${(share * 100).toFixed(1)} %`;
}

/** `54.3 ± 1.2 %`: a mean with half the width of its 95 % interval, alone where one value gives none. */
export function formatPercentInterval(share: Estimate): string {
  return share === null ? "-" : `${withInterval(share, 100, 1)} %`;
}

/** `155 ± 4`, `at most 0`, `at least 2498`; `unknown` for bounds of both kinds. */
export function formatWidth({
  equivalentWidth,
  equivalentWidthBound,
}: Pick<Summary, "equivalentWidth" | "equivalentWidthBound">): string {
  if (equivalentWidth === null) return "-";
  if (equivalentWidthBound === "unknown") return "unknown";
  const digits = equivalentWidth.mean < 100 ? 1 : 0;
  if (equivalentWidthBound === null) return withInterval(equivalentWidth, 1, digits);
  return `${equivalentWidthBound} ${Number(equivalentWidth.mean.toFixed(digits))}`;
}

function withInterval({ mean, high }: NonNullable<Estimate>, scale: number, digits: number) {
  const center = (mean * scale).toFixed(digits);
  if (high === null) return center;
  const half = ((high - mean) * scale).toFixed(digits);
  // rounding makes no interval one of width zero
  return `${center} ± ${Number(half) === 0 && high > mean ? `<${(10 ** -digits).toFixed(digits)}` : half}`;
}

/** A share, or a difference of two, where a comparison needs a further digit: `12.34 %`. */
export function formatFinePercent(share: number | null): string {
  return share === null ? "-" : `${(share * 100).toFixed(2)} %`;
}

/** `12,345`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** `1 leaf`, `1,200 leaves`. */
export function formatPlural(count: number, noun: string, many = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : many}`;
}

/** `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  const step = bytes < 1 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}
