/**
 * @file `npm run flows`: how many files the product has, and how many a reader opens to follow each of five flows;
 * `npm run flows -- --write` lists them in docs/architecture.md.
 */

import fs from "node:fs";
import path from "node:path";
import { ROOT } from "./prepare.mjs";

/**
 * A flow consists of all files that its first files import, directly or through others, within its rooms; imports of
 * types alone do not count, as they do no work. A flow should not grow beyond its `limit`.
 */
export const FLOWS = [
  {
    name: "a result, from run folder to board",
    from: [
      "harness/listing/submission.ts",
      "harness/listing/delivery.ts",
      "api/accept/write-route.ts",
      "db/project/index-leaf.ts",
      "db/board/refresh-boards.ts",
    ],
    rooms: ["harness/listing", "harness/study", "api", "db", "record/statement", "record/board"],
    limit: 52,
  },
  {
    name: "a request for a board",
    from: ["api/read/boards.ts"],
    rooms: ["api", "db"],
    limit: 15,
  },
  {
    name: "a training step",
    from: ["harness/train/training-program.ts"],
    rooms: ["harness", "record"],
    limit: 40,
  },
  {
    name: "the page of an entry",
    from: ["site/pages/entries/[id]/index.astro"],
    rooms: ["site/pages", "site/layouts", "site/components", "site/data", "site/markup"],
    limit: 29,
  },
  {
    name: "a probe",
    from: ["harness/probe/probe.ts"],
    rooms: ["harness/probe", "harness/arrays", "harness/measure"],
    limit: 15,
  },
];

const FOLDERS = ["harness", "record", "db", "api", "site", "bench", "setup"];
const CODE = /\.(ts|tsx|astro|mjs)$/;
/** An import with `type` in front, or before each of its names, does no work. */
const TYPES = String.raw`(?:type\s[^"';]*?|\{(?:\s*type\s[^,}"']*,?)+\s*\})`;
const IMPORT = new RegExp(
  String.raw`(?:import|export)\s+(${TYPES}\s+from\s+)?(?:[^"';]*?\s+from\s+)?["'](\.[^"']+)["']`,
  "g",
);

/** @returns {string[]} code below these folders, from the repository's top. */
export function codeBelow(folders = FOLDERS) {
  const below = (folder) => fs.readdirSync(path.join(ROOT, folder), { recursive: true });
  return folders
    .flatMap((folder) => below(folder).map((file) => `${folder}/${file.split(path.sep).join("/")}`))
    .filter((file) => CODE.test(file));
}

/**
 * @param {{from: string[], rooms: string[]}} flow one of FLOWS
 * @returns {string[]} its files, in the order in which they are met
 */
export function filesOf({ from, rooms }) {
  const met = new Set();
  const visit = (file) => {
    if (met.has(file) || !rooms.some((room) => file.startsWith(`${room}/`))) return;
    met.add(file);
    const text = fs.readFileSync(path.join(ROOT, file), "utf8");
    for (const [, isType, target] of text.matchAll(IMPORT)) {
      const other = path.posix.join(path.posix.dirname(file), target);
      if (!isType && CODE.test(other) && fs.existsSync(path.join(ROOT, other))) visit(other);
    }
  };
  from.forEach(visit);
  return [...met];
}

/**
 * @param {{name: string, from: string[], rooms: string[]}} flow one of FLOWS
 * @returns {string} its files by folder, as docs/architecture.md lists them
 */
export function listed(flow) {
  const files = filesOf(flow);
  const folders = new Set(files.map((file) => path.posix.dirname(file)));
  const lines = [...folders].map((folder) => {
    const own = files.filter((file) => path.posix.dirname(file) === folder);
    const names = own.map((file) => path.posix.basename(file).replace(CODE, ""));
    return `- \`${folder}/\`: ${names.join(", ")}`;
  });
  const title = flow.name[0].toUpperCase() + flow.name.slice(1);
  return `**${title}** (${files.length} files)\n\n${lines.join("\n")}\n`;
}

const HEADING = "## Five flows\n\n";

function writeMap() {
  const file = path.join(ROOT, "docs/architecture.md");
  const [before] = fs.readFileSync(file, "utf8").split(HEADING);
  fs.writeFileSync(file, `${before}${HEADING}${FLOWS.map(listed).join("\n")}`);
}

if (process.argv[1] === path.join(ROOT, "setup/flows.mjs")) {
  if (process.argv.includes("--write")) writeMap();
  process.stdout.write(
    `${codeBelow().length} source files, ${codeBelow(["test"]).length} of tests\n`,
  );
  for (const flow of FLOWS)
    process.stdout.write(`${filesOf(flow).length} of at most ${flow.limit}: ${flow.name}\n`);
}
