/** @file The table of commands. Each is loaded only when it is asked for: `--help` is to be instant. */

import type { Command } from "./command.ts";

interface Entry {
  /** For the list of commands; the command itself says more. */
  summary: string;
  load(): Promise<Command>;
}

export const commands: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  [
    "start",
    {
      summary: "train the demo grid and list it on a local board",
      load: async () => (await import("./commands/start.ts")).start,
    },
  ],
  [
    "run",
    {
      summary: "train one configuration on some seeds",
      load: async () => (await import("./commands/run.ts")).run,
    },
  ],
  [
    "sweep",
    {
      summary: "train every pair of architecture and regularizers",
      load: async () => (await import("./commands/sweep.ts")).sweep,
    },
  ],
  [
    "resume",
    {
      summary: "go on with an interrupted run or sweep",
      load: async () => (await import("./commands/resume.ts")).resume,
    },
  ],
  [
    "submit",
    {
      summary: "sign a trained folder and list it on a server",
      load: async () => (await import("./commands/submit.ts")).submit,
    },
  ],
  [
    "repro",
    {
      summary: "run an entry again on fresh seeds of your own, and say whether it agrees",
      load: async () => (await import("./commands/repro.ts")).repro,
    },
  ],
  [
    "retract",
    {
      summary: "take back a result, a reproduction or a challenge of yours",
      load: async () => (await import("./commands/retract.ts")).retract,
    },
  ],
  [
    "validate",
    {
      summary: "check a configuration and estimate time, memory and disk",
      load: async () => (await import("./commands/validate.ts")).validate,
    },
  ],
  [
    "report",
    {
      summary: "write a self-contained HTML report of a run or sweep",
      load: async () => (await import("./commands/report.ts")).report,
    },
  ],
  [
    "compare",
    {
      summary: "paired differences between runs over their shared seeds",
      load: async () => (await import("./commands/compare.ts")).compare,
    },
  ],
  [
    "probe",
    {
      summary: "measure features made anywhere (.npy, safetensors)",
      load: async () => (await import("./commands/probe.ts")).probe,
    },
  ],
  [
    "data",
    {
      summary: "list, fetch and verify data sets",
      load: async () => (await import("./commands/data.ts")).data,
    },
  ],
  [
    "doctor",
    {
      summary: "check this machine: library, device, self-test, rates",
      load: async () => (await import("./commands/doctor.ts")).doctor,
    },
  ],
  [
    "keys",
    {
      summary: "make and look after the keys that sign your results",
      load: async () => (await import("./commands/keys.ts")).keys,
    },
  ],
  [
    "sign",
    {
      summary: "sign a trained folder without sending it",
      load: async () => (await import("./commands/sign.ts")).sign,
    },
  ],
  [
    "status",
    {
      summary: "your entries, open challenges and what waits to be sent",
      load: async () => (await import("./commands/status.ts")).status,
    },
  ],
  [
    "verify",
    {
      summary: "check a signed statement yourself: signature, counts, seeds, log",
      load: async () => (await import("./commands/verify.ts")).verify,
    },
  ],
  [
    "export",
    {
      summary: "save a signed statement with all its evidence, or a board as CSV",
      load: async () => (await import("./commands/export.ts")).exportCommand,
    },
  ],
  [
    "serve",
    {
      summary: "run the server of results and boards on this machine",
      load: async () => (await import("./commands/serve.ts")).serve,
    },
  ],
  [
    "db",
    {
      summary: "look after a server's database: migrate, reindex, dump, restore",
      load: async () => (await import("./commands/db.ts")).db,
    },
  ],
  [
    "admin",
    {
      summary: "moderate a server that lists your key as an operator's",
      load: async () => (await import("./commands/admin.ts")).admin,
    },
  ],
  [
    "ls",
    {
      summary: "list protocols, architectures, regularizers or data sets by name",
      load: async () => (await import("./commands/ls.ts")).ls,
    },
  ],
  [
    "bench",
    {
      summary: "compare training speed with PyTorch and TensorFlow",
      load: async () => (await import("./commands/bench.ts")).bench,
    },
  ],
]);
