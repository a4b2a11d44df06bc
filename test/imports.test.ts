import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

/** Whom each folder may import besides itself, and which packages. */
const RULES: Record<string, { folders: string[]; packages: (name: string) => boolean }> = {
  "setup/lock": { folders: [], packages: (name) => name.startsWith("node:") },
  /** Plain Node, for the set-up and for every process of the product that runs on this machine. */
  "setup/shared": { folders: [], packages: (name) => name.startsWith("node:") },
  setup: { folders: ["setup/lock", "setup/shared"], packages: (name) => name.startsWith("node:") },
  record: { folders: [], packages: (name) => /^(zod$|@noble\/)/.test(name) },
  /** Components for pages, islands and the report alike. */
  "site/markup": { folders: ["record"], packages: (name) => /^preact/.test(name) },
  "site/charts": {
    folders: ["record", "site/markup"],
    packages: (name) => !/^(node:|@tensorflow\/)/.test(name),
  },
  site: {
    folders: ["record", "site/markup", "site/charts"],
    packages: (name) => /^(preact|@observablehq\/plot|linkedom|sharp|zod|astro(\/.*)?)$/.test(name),
  },
  db: {
    folders: ["record", "setup/lock", "setup/shared"],
    packages: (name) => !/^@tensorflow\//.test(name),
  },
  api: {
    folders: ["record", "db", "setup/shared"],
    packages: (name) => !/^@tensorflow\//.test(name),
  },
  harness: {
    // `rademark bench` is one of its commands.
    folders: [
      "record",
      "site/markup",
      "site/charts",
      "setup/lock",
      "setup/shared",
      "bench/training",
    ],
    packages: () => true,
  },
  "bench/training": { folders: ["record", "harness"], packages: () => true },
  /** Trains and lists the reference, by the commands' own parts. */
  replicate: {
    folders: ["record", "harness", "bench/load", "site/charts"],
    packages: (name) => name.startsWith("node:") || name === "fast-png",
  },
  /** Names what is kept stable for programs of other people, and nothing of its own. */
  library: { folders: ["record", "harness"], packages: () => false },
};

/**
 * Whom each room may import besides itself, in the order of reading: a room stands above all that it may import. A room
 * is a folder with what lies below it, unless that is a room of its own.
 */
const ROOMS: Record<string, string[]> = {
  "record/signature": [],
  "record/statistics": [],
  record: ["record/statistics"],
  "record/log": ["record", "record/signature"],
  "record/statement": ["record", "record/signature", "record/statistics"],
  "record/board": ["record", "record/signature", "record/statistics", "record/statement"],
  "record/answers": [
    ...["record", "record/signature", "record/statistics", "record/log", "record/statement"],
    "record/board",
  ],
  "record/replication": [
    ...["record", "record/signature", "record/statistics", "record/log", "record/statement"],
  ],
  db: [],
  "db/stores": ["db"],
  "db/project": ["db"],
  "db/board": ["db", "db/project"],
  "db/read": ["db", "db/project", "db/board"],
  "db/dump": ["db", "db/stores", "db/project", "db/board", "db/read"],
  api: [],
  "api/accept": ["api"],
  "api/read": ["api", "api/accept"],
  "api/app": ["api", "api/accept", "api/read"],
  "api/node": ["api", "api/accept", "api/read", "api/app"],
  harness: [],
  "harness/arrays": ["harness"],
  "harness/engine": ["harness"],
  "harness/data": ["harness", "harness/arrays", "harness/engine"],
  "harness/model": ["harness", "harness/engine"],
  "harness/measure": ["harness", "harness/engine"],
  "harness/train": [
    ...["harness", "harness/engine", "harness/data", "harness/model", "harness/measure"],
  ],
  "harness/study": ["harness", "harness/arrays", "harness/data", "harness/train"],
  "harness/probe": ["harness", "harness/arrays", "harness/engine", "harness/measure"],
  "harness/doctor": [
    ...["harness", "harness/engine", "harness/data", "harness/train", "harness/study"],
  ],
  "harness/listing": ["harness", "harness/study"],
  "bench/training": [],
  "harness/cli": [
    ...["harness", "harness/data", "harness/train", "harness/study", "harness/probe"],
    ...["harness/doctor", "harness/listing", "bench/training"],
  ],
  "site/markup": [],
  "site/charts": ["site/markup"],
  "site/data": ["site/markup", "site/charts"],
  "site/components": ["site/markup", "site/charts", "site/data"],
  "site/islands": ["site/markup", "site/charts", "site/data", "site/components"],
  "site/layouts": ["site/charts", "site/data", "site/components", "site/islands"],
  "site/pages": ["site/charts", "site/data", "site/components", "site/islands", "site/layouts"],
};

/** What puts the API together stands above its rooms, though it lies beside its floor. */
const TOP_OF_API = [
  "app.ts",
  "node.ts",
  "node-deployment.ts",
  "worker.ts",
  "worker-deployment.ts",
].map((name) => `api/${name}`);

const roomOf = (path: string): string => {
  if (path === "api/node.ts") return "api/node";
  if (TOP_OF_API.includes(path)) return "api/app";
  let folder = dirname(path);
  while (!(folder in ROOMS) && folder.includes("/")) folder = dirname(folder);
  return folder;
};

const folderOf = (path: string) =>
  Object.keys(RULES).find((folder) => path.startsWith(`${folder}/`)) ?? dirname(path);

const files = globSync(
  "{setup,record,harness,db,api,site,bench/training,library,replicate}/**/*.{ts,mjs}",
);
const imports = files.flatMap((file) =>
  ts
    .preProcessFile(readFileSync(file, "utf8"), true, true)
    .importedFiles.map(({ fileName }) => ({ file, target: fileName })),
);

test("imports point down: record at the bottom, TensorFlow in the harness alone", () => {
  const broken = imports.filter(({ file, target }) => {
    const folder = folderOf(file);
    const rule = RULES[folder];
    if (!target.startsWith(".")) return !rule?.packages(target);
    const other = folderOf(join(dirname(file), target));
    return other !== folder && !rule?.folders.includes(other);
  });
  expect(broken).toEqual([]);
});

test("within a folder rooms point one way, too", () => {
  const pages = globSync("site/**/*.astro").flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/(?:from|import) "(\.[^"]+)"/g)].map(([, target]) => {
      return { file, target: target! };
    }),
  );
  const broken = [...imports, ...pages].filter(({ file, target }) => {
    if (!target.startsWith(".") || !/\.(ts|astro)$/.test(target)) return false;
    const [room, other] = [roomOf(file), roomOf(join(dirname(file), target))];
    const isInside = room.split("/")[0] === other.split("/")[0];
    return isInside && room !== other && !ROOMS[room]?.includes(other);
  });
  expect(broken).toEqual([]);
});

test("rooms stand in the order of reading", () => {
  const order = Object.keys(ROOMS);
  for (const [room, others] of Object.entries(ROOMS))
    for (const other of others)
      expect([room, other, order.indexOf(other) < order.indexOf(room)]).toEqual([
        room,
        other,
        true,
      ]);
});

test("no files import each other in a circle", () => {
  const done = new Set<string>();
  const circleFrom = (file: string, path: string[]): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    done.add(file);
    const next = imports.filter((each) => each.file === file && each.target.startsWith("."));
    return next.reduce<string[] | null>(
      (found, { target }) => found ?? circleFrom(join(dirname(file), target), [...path, file]),
      null,
    );
  };
  expect(files.flatMap((file) => circleFrom(file, []) ?? [])).toEqual([]);
});

/** Files and packages that are loaded with a file before anything of it runs; imports of types load nothing. */
function loadedWith(start: string): string[] {
  const met = new Set([start]);
  for (const file of met) for (const target of loadedBy(file)) met.add(target);
  return [...met];
}

/** Many programs load the same files, and each is parsed once. */
const known = new Map<string, string[]>();

function loadedBy(file: string): string[] {
  if (!/\.(ts|mjs)$/.test(file)) return []; // a package, or data
  const found = known.get(file);
  if (found) return found;
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  const targets = source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    if (!statement.moduleSpecifier || isOfTypes(statement)) return [];
    const target = (statement.moduleSpecifier as ts.StringLiteral).text;
    return [target.startsWith(".") ? join(dirname(file), target) : target];
  });
  known.set(file, targets);
  return targets;
}

function isOfTypes(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly;
  const clause = statement.importClause;
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const names = clause.namedBindings;
  if (clause.name || names === undefined || !ts.isNamedImports(names)) return false;
  return names.elements.every(({ isTypeOnly }) => isTypeOnly);
}

test.each(["harness/cli/rademark.ts", ...globSync("harness/cli/commands/*.ts")])(
  "%s starts without TensorFlow",
  (file) => {
    const loaded = loadedWith(file);
    expect(loaded).toContain("harness/errors.ts");
    expect(loaded.filter((name) => /tensorflow/.test(name))).toEqual([]);
  },
);

test.each(globSync("site/islands/*.ts"))("%s starts without zod and Node", (file) => {
  expect(loadedWith(file).filter((name) => /^(zod|node:.*)$/.test(name))).toEqual([]);
});

test("rademark/record runs in a browser, rademark/run-folder without TensorFlow", () => {
  expect(loadedWith("library/record.ts")).toContain("zod");
  expect(loadedWith("library/record.ts").filter((name) => /^node:/.test(name))).toEqual([]);
  expect(loadedWith("library/run-folder.ts").filter((name) => /^@/.test(name))).toEqual([
    "@noble/hashes/sha2.js",
    "@noble/hashes/utils.js",
  ]);
});

test("the thread that ranks loads no database, the Worker nothing of Node's files", () => {
  const thread = loadedWith("api/node/rank-worker.ts");
  expect(thread.filter((name) => /drizzle|pglite|^pg$/.test(name))).toEqual([]);
  expect(loadedWith("api/worker.ts")).toContain("drizzle-orm");
  expect(loadedWith("api/worker.ts").filter((name) => /^node:/.test(name))).toEqual([]);
});

test("imports of every kind are found", () => {
  expect(imports).toContainEqual({ file: "record/run.ts", target: "zod" });
  expect(imports).toContainEqual({
    file: "record/protocols.ts",
    target: "./protocols/micro-1.json",
  });
  expect(imports.length).toBeGreaterThan(files.length);
});
