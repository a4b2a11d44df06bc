/** @file The table of commands. A command is loaded only when it is asked for, so that `--help` is quick. */

import { COMMANDS } from "../../setup/shared/commands.mjs";
import type { Command } from "./command.ts";

const LOADERS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  start: () => import("./commands/start.ts"),
  run: () => import("./commands/run.ts"),
  sweep: () => import("./commands/sweep.ts"),
  resume: () => import("./commands/resume.ts"),
  merge: () => import("./commands/merge.ts"),
  validate: () => import("./commands/validate.ts"),
  probe: () => import("./commands/probe.ts"),
  data: () => import("./commands/data.ts"),
  report: () => import("./commands/report.ts"),
  compare: () => import("./commands/compare.ts"),
  measures: () => import("./commands/measures.ts"),
  export: () => import("./commands/export.ts"),
  ls: () => import("./commands/ls.ts"),
  keys: () => import("./commands/keys.ts"),
  sign: () => import("./commands/sign.ts"),
  submit: () => import("./commands/submit.ts"),
  status: () => import("./commands/status.ts"),
  verify: () => import("./commands/verify.ts"),
  repro: () => import("./commands/repro.ts"),
  retract: () => import("./commands/retract.ts"),
  doctor: () => import("./commands/doctor.ts"),
  bench: () => import("./commands/bench.ts"),
  serve: () => import("./commands/serve.ts"),
  db: () => import("./commands/db.ts"),
  clean: () => import("./commands/clean.ts"),
  admin: () => import("./commands/admin.ts"),
};

interface Entry {
  /** What a person wants who needs it: measure, look, publish, operate. */
  group: string;
  summary: string;
  load: () => Promise<Command>;
}

export const commands: ReadonlyMap<string, Entry> = new Map(
  Array.from(COMMANDS, ([name, about]) => [
    name,
    { ...about, load: async () => (await LOADERS[name]!()).command },
  ]),
);
