/** @file The table of commands. A command is loaded only when it is asked for, so that `--help` is quick. */

import type { Command } from "./command.ts";

/** What the list of commands says of each, and where it is; in the groups, and the order, of the program's help. */
const TABLE: Readonly<Record<string, Readonly<Record<string, Line>>>> = {
  measure: {
    start: [
      "train the demo grid and list it on a local board",
      () => import("./commands/start.ts"),
    ],
    run: ["train one configuration on some seeds", () => import("./commands/run.ts")],
    sweep: [
      "train every pair of architecture and regularizers",
      () => import("./commands/sweep.ts"),
    ],
    resume: ["go on with an interrupted run or sweep", () => import("./commands/resume.ts")],
    validate: [
      "check a configuration and estimate time, memory and disk",
      () => import("./commands/validate.ts"),
    ],
    probe: [
      "measure features made anywhere (.npy, safetensors)",
      () => import("./commands/probe.ts"),
    ],
    data: ["list, fetch and verify data sets", () => import("./commands/data.ts")],
  },
  look: {
    report: [
      "write a self-contained HTML report of a run or sweep",
      () => import("./commands/report.ts"),
    ],
    compare: [
      "paired differences between runs over their shared seeds",
      () => import("./commands/compare.ts"),
    ],
    export: [
      "save a signed statement with all its evidence, or a board as CSV",
      () => import("./commands/export.ts"),
    ],
    ls: [
      "list protocols, architectures, regularizers or data sets by name",
      () => import("./commands/ls.ts"),
    ],
  },
  publish: {
    keys: [
      "make and look after the keys that sign your results",
      () => import("./commands/keys.ts"),
    ],
    sign: ["sign a trained folder without sending it", () => import("./commands/sign.ts")],
    submit: ["sign a trained folder and list it on a server", () => import("./commands/submit.ts")],
    status: [
      "your entries, open challenges and what waits to be sent",
      () => import("./commands/status.ts"),
    ],
    verify: [
      "check a signed statement yourself: signature, counts, seeds, log",
      () => import("./commands/verify.ts"),
    ],
    repro: [
      "run an entry again on fresh seeds of your own, and say whether it agrees",
      () => import("./commands/repro.ts"),
    ],
    retract: [
      "take back a result, a reproduction or a challenge of yours",
      () => import("./commands/retract.ts"),
    ],
  },
  operate: {
    doctor: [
      "check this machine: library, device, self-test, rates",
      () => import("./commands/doctor.ts"),
    ],
    bench: [
      "compare training speed with PyTorch and TensorFlow",
      () => import("./commands/bench.ts"),
    ],
    serve: [
      "run the server of results and boards on this machine",
      () => import("./commands/serve.ts"),
    ],
    db: [
      "look after a server's database: migrate, reindex, dump, restore",
      () => import("./commands/db.ts"),
    ],
    admin: [
      "moderate a server that lists your key as an operator's",
      () => import("./commands/admin.ts"),
    ],
  },
};

type Line = readonly [summary: string, load: () => Promise<Module>];

interface Module {
  command: Command;
}

interface Entry {
  /** What a person wants who needs it: measure, look, publish, operate. */
  group: string;
  summary: string;
  load: () => Promise<Command>;
}

export const commands: ReadonlyMap<string, Entry> = new Map(
  Object.entries(TABLE).flatMap(([group, lines]) =>
    Object.entries(lines).map(([name, [summary, load]]): [string, Entry] => [
      name,
      { group, summary, load: async () => (await load()).command },
    ]),
  ),
);
