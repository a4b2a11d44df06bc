/** @file `rademark start`: what `npm start` does once everything is set up. */

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { availableParallelism, totalmem } from "node:os";
import { type Client, createClient } from "../../listing/client.ts";
import { EXIT, type ExitCode } from "../../errors.ts";
import { finishRotation } from "../../listing/key-rotation.ts";
import { createKey, hasKey, withoutPassphrase } from "../../listing/key-store.ts";
import { openInBrowser, writeReport } from "../../study/report.ts";
import { type ServerProcess, startServer } from "./serve.ts";
import { DEFAULT_KEY, signerNamed } from "../../listing/signer.ts";
import { type PlannedRun } from "../../study/run-folder.ts";
import { prepareSweep } from "../../study/sweep-folder.ts";
import {
  commonArguments,
  defineCommand,
  flag,
  serverFolderArgument,
  text,
  wholeNumber,
} from "../command.ts";
import type { Effects } from "../../effects.ts";
import { type BoardPlan, trainForBoards } from "../training.ts";
import { BoardPage, type BoardRow } from "../../../record/board/board-row.ts";
import { stateText } from "../../../record/board/states.ts";
import { formatPercentInterval, formatWidth } from "../../format.ts";
import { type Column, formatTable } from "../../terminal-table.ts";
import { measuresArgument, parseSeeds, planGrid } from "../training-arguments.ts";

const DEFAULT_PORT = 8787;
const PROTOCOL = "micro-1";
const DEFAULT_OUT = ".rademark/demo";

export const command = defineCommand({
  meta: {
    details:
      "Starts the local server, takes challenges, trains mlp-256 and cnn-8 on micro-1, each with none,\n" +
      "dropout=0.5, aug and rl=10, on five panel and three fresh seeds, signs and submits each as soon as\n" +
      "it is trained, and serves the board until Ctrl-C. A second start continues where the first stopped. Runs\n" +
      "for a challenge that is over, or that another server issued, are moved into OUT-over, and a new\n" +
      "challenge is taken.",
    examples: ["rademark start", "rademark start --once", "rademark start --port 0 --no-open"],
  },
  args: {
    once: flag("exit when done"),
    noOpen: flag("do not open a browser"),
    port: {
      summary: `port of the server (default ${DEFAULT_PORT}, or any that is free; 0: any)`,
      placeholder: "PORT",
      read: wholeNumber(0, 65_535),
      fallback: null,
    },
    data: serverFolderArgument,
    out: {
      summary: "output folder",
      placeholder: "DIR",
      read: text,
      fallback: DEFAULT_OUT,
    },
    measures: measuresArgument,
    ...commonArguments,
  },
  async run({ once, noOpen, port, data, out, measures, quiet }, effects, typed) {
    const folder = placeOf(data, serverFolderArgument.fallback, effects);
    const place = port === null ? { port: DEFAULT_PORT, otherPort: 0 } : { port };
    const env = withoutPassphrase(effects.env);
    const server = await startServer({ folder, ...place }, { err: effects.err, env });
    try {
      const board = `${server.url}/boards/${PROTOCOL}/`;
      effects.out(`Board: ${board}\n`);
      if (!once && !noOpen && effects.terminal) openInBrowser(board);
      const root = placeOf(out, DEFAULT_OUT, effects);
      const exitCode = await trainDemo({ root, api: server.url, quiet, typed, measures }, effects);
      if (once || exitCode === EXIT.interrupted) return exitCode;
      await serveOn(server, effects);
      return exitCode;
    } finally {
      await server.stop();
    }
  },
});

/** A named folder is relative to the caller's; the default of `npm start` lies in the clone, wherever that is typed. */
function placeOf(path: string, fallback: string, { cwd, env }: Effects): string {
  const isOwn = path === fallback && env.npm_lifecycle_event === "start";
  return resolve(isOwn ? process.cwd() : cwd, path);
}

/** Trains, lists and shows what the board says. */
async function trainDemo(
  {
    root,
    api,
    quiet,
    typed,
    measures,
  }: Pick<BoardPlan, "root" | "api" | "quiet" | "typed"> & { measures: boolean },
  effects: Effects,
): Promise<ExitCode> {
  await ensureKey(effects);
  const plannedRuns = await demoGrid(measures, effects);
  const jobs = demoJobs(plannedRuns.length);
  const { folders, exitCode, exitCodeOfAll } = await trainForBoards(
    {
      ...{
        root,
        plannedRuns,
        jobs,
        devices: null,
        quiet,
        api,
        typed,
        many: true,
        json: false,
        key: null,
      },
      ...{ challenge: true, submit: true, renews: true },
      prepare: (environment) => prepareSweep(root, plannedRuns, jobs, environment),
    },
    effects,
  );
  if (exitCode === EXIT.interrupted || folders.length === 0) return exitCodeOfAll;
  const { protocolId } = plannedRuns[0]!.configuration;
  const { publicKey } = signerNamed(DEFAULT_KEY, effects);
  const rows = await ownRows(createClient({ api }), protocolId, publicKey, folders.length);
  effects.out(`\n${boardTable(rows)}\n`);
  const report = await writeReport(root, { now: effects.now() });
  effects.out(`Report: ${pathToFileURL(report).href}\n`);
  return exitCodeOfAll;
}

/** The person's own key; else the one that an interrupted rotation left; else a new one. */
async function ensureKey(effects: Effects): Promise<void> {
  if (hasKey(DEFAULT_KEY, effects) || finishRotation(DEFAULT_KEY, effects) !== null) return;
  const plannedRun = { name: DEFAULT_KEY, displayName: null, passphrase: null };
  const { publicKey } = await createKey(plannedRun, effects);
  effects.err(
    `Made the key "${DEFAULT_KEY}" (${publicKey.slice(0, 12)}) that signs your results.\n`,
  );
}

/** Waits for Ctrl-C, or until our parent or the server is gone. */
async function serveOn(server: ServerProcess, effects: Effects): Promise<void> {
  effects.err(`Serving ${server.url}/ until Ctrl-C.\n`);
  const stops: (() => void)[] = [];
  const interrupted = new Promise<void>((done) => {
    stops.push(effects.onInterrupt(done), effects.onAbandoned(done));
  });
  await Promise.race([interrupted, server.ended]);
  for (const stop of stops) stop();
}

const ARCHITECTURES = ["mlp-256", "cnn-8"];
const REGULARIZERS = ["none", "dropout=0.5", "aug", "rl=10"];

/** Memory of a worker with CIFAR-10 loaded, estimated generously. */
const BYTES_PER_JOB = 1.5 * 2 ** 30;

/** With the panel's seeds; a challenge adds the fresh ones. */
function demoGrid(measures: boolean, effects: Effects): Promise<PlannedRun[]> {
  return planGrid(ARCHITECTURES, REGULARIZERS, settings(measures), effects);
}

/** One thread each: small networks gain nothing from a second one, and with one the result is the same anywhere. */
function settings(measures: boolean) {
  return {
    protocol: PROTOCOL,
    set: [],
    seeds: parseSeeds("panel"),
    limit: null,
    threads: 1,
    save: [],
    measures,
    headInput: "rms",
    headLayers: 1,
    perClass: false,
  } as const satisfies Parameters<typeof planGrid>[2];
}

function demoJobs(configurations: number): number {
  const room = Math.floor(totalmem() / BYTES_PER_JOB);
  return Math.max(1, Math.min(availableParallelism(), room, configurations));
}

/** Boards follow the log within two seconds. */
const PATIENCE_MILLISECONDS = 5_000;

const PAUSE_MILLISECONDS = 200;

/** Ordered by learned complexity. @param count rows to wait for; there are fewer if some do not appear in time. */
async function ownRows(
  client: Client,
  protocol: string,
  key: string,
  count: number,
): Promise<BoardRow[]> {
  const path = `/v1/boards/${protocol}?sort=learnedComplexity&limit=200&key=${key}`;
  const end = Date.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const { rows } = await client.get(path, BoardPage);
    if (rows.length >= count || Date.now() > end) return rows;
    await sleep(PAUSE_MILLISECONDS);
  }
}

const COLUMNS: Column[] = [
  { title: "tier", align: "right" },
  { title: "arch", align: "left" },
  { title: "regularizers", align: "left" },
  { title: "learned complexity", align: "right" },
  { title: "capacity", align: "right" },
  { title: "equivalent width", align: "right" },
  { title: "gap", align: "right" },
  { title: "test accuracy", align: "right" },
  { title: "seeds", align: "right" },
  { title: "state", align: "left" },
  { title: "entry", align: "left" },
];

const SHORT_ID = 12;

/** In the order given: means in percent, with half the width of their 95 % intervals. */
function boardTable(rows: readonly BoardRow[]): string {
  const cells = rows.map(({ rank, arch, regs, numbers, panel, fresh, standing, entry, ...row }) => [
    rank === null ? "-" : String(rank.tier),
    arch,
    regs,
    formatPercentInterval(numbers.learnedComplexity),
    formatPercentInterval(numbers.capacity),
    formatWidth({
      equivalentWidth: numbers.equivalentWidth,
      equivalentWidthBound: row.equivalentWidthBound,
    }),
    formatPercentInterval(numbers.gap),
    formatPercentInterval(numbers.testAccuracy),
    `${panel} + ${fresh}`,
    stateText(standing),
    entry.slice(0, SHORT_ID),
  ]);
  return (
    formatTable(COLUMNS, cells) +
    "Means over panel and fresh seeds, 95 % intervals. Equal tiers cannot be told apart.\n" +
    "Learned complexity (heads trained alongside) and capacity (ridge regression on the final features): 0 is chance, 100 %\n" +
    "every random label; lower is not better. Equivalent width: of a shapeless cloud with the same capacity.\n"
  );
}
