/** @file A progress bar on a terminal, a plain line now and then elsewhere. */

const REDRAW_MS = 100;
const PLAIN_LINE_MS = 10_000;
const RATE_WINDOW_MS = 5_000;
const BAR_CELLS = 24;

/** 273829956 -> "274 MB"; decimal units, as download sizes are usually given. */
export function formatBytes(bytes) {
  if (bytes < 999.5e3) return `${Math.round(bytes / 1e3)} kB`;
  if (bytes < 999.5e6) return `${Math.round(bytes / 1e6)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

/** 75_000 -> "1 min 15 s" */
export function formatDuration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * Shows how far a step is. `share` (0 to 1) moves the bar; without it the step has no known end.
 * @param {string} label what is being done
 * @param {NodeJS.WriteStream} stream
 * @returns {{update(bytes: number, share?: number): void, done(): void, stop(): void}} `done`
 *   leaves a line that says what it took; `stop` leaves nothing (the step failed)
 */
export function startProgress(label, stream, now = Date.now) {
  const start = now();
  let drawnAt = -Infinity;
  let samples = [];
  let latest = { at: start, bytes: 0, share: undefined };
  if (!stream.isTTY) {
    stream.write(`${label} ...\n`);
    drawnAt = start;
  }

  function update(bytes, share) {
    latest = { at: now(), bytes, share };
    samples = [...samples.filter(({ at }) => at >= latest.at - RATE_WINDOW_MS), latest];
    if (latest.at - drawnAt < (stream.isTTY ? REDRAW_MS : PLAIN_LINE_MS)) return;
    drawnAt = latest.at;
    const text = describe(samples, latest, start);
    stream.write(
      stream.isTTY ? `\r\x1b[2K${fit(`${label} ${bar(share)}${text}`, stream)}` : `  ${text}\n`,
    );
  }
  const clear = () => stream.isTTY && stream.write("\r\x1b[2K");
  function done() {
    clear();
    const size = latest.bytes > 0 ? `${formatBytes(latest.bytes)} in ` : "";
    stream.write(`${label}: ${size}${formatDuration(now() - start)}\n`);
  }
  return { update, done, stop: clear };
}

function bar(share) {
  if (share === undefined) return "";
  const full = Math.round(Math.min(1, share) * BAR_CELLS);
  return `[${"#".repeat(full)}${"-".repeat(BAR_CELLS - full)}] `;
}

function describe(samples, { at, bytes, share }, start) {
  const parts = [];
  if (share !== undefined) parts.push(`${Math.floor(Math.min(1, share) * 100)} %`);
  if (bytes > 0) parts.push(formatBytes(bytes));
  const [first] = samples;
  const seconds = (at - first.at) / 1000;
  if (seconds > 0 && bytes > first.bytes) {
    parts.push(`${formatBytes((bytes - first.bytes) / seconds)}/s`);
    const shareRate = (share - first.share) / seconds;
    if (shareRate > 0) parts.push(`${formatDuration(((1 - share) / shareRate) * 1000)} left`);
  }
  return parts.length > 0 ? parts.join(", ") : formatDuration(at - start);
}

/** One terminal row: a wrapped line could not be redrawn. */
function fit(text, stream) {
  return text.slice(0, Math.max(20, (stream.columns ?? 80) - 1));
}
