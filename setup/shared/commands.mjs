/**
 * @file The commands, in the groups and the order of the help, and what the list says of each. Plain JavaScript: a set-up
 * reads it before anything is installed.
 */

/** Summaries by group, what a person wants, and by name. */
const GROUPS = {
  measure: {
    start: "train the demo grid and list it on a local board",
    run: "train one configuration on some seeds",
    sweep: "train every pair of architecture and regularizers",
    resume: "go on with an interrupted run or sweep, or give it more seeds",
    merge: "put together the parts of a sweep that were trained apart",
    validate: "check a configuration and estimate time, memory and disk",
    probe: "measure features made anywhere (.npy, safetensors)",
    data: "list, fetch and verify data sets",
  },
  look: {
    report: "write a self-contained HTML report of a run or sweep",
    compare: "paired differences between runs, or between probed features",
    measures: "which measures order a sweep's configurations by their gaps",
    export:
      "save your runs as tables (CSV, JSON Lines, Parquet), a statement with its evidence, or a board",
    ls: "list protocols, their fields, architectures, regularizers or data sets",
  },
  publish: {
    keys: "make and look after the keys that sign your results",
    sign: "sign a trained folder without sending it",
    submit: "sign a trained folder and list it on a server",
    status: "your entries, open challenges and what waits to be sent",
    verify: "check a signed statement yourself: signature, counts, seeds, log",
    repro: "run an entry again on fresh seeds of your own, and say whether it agrees",
    retract: "take back a result, a reproduction or a challenge of yours",
  },
  operate: {
    doctor: "check this machine: library, device, self-test, rates",
    bench: "compare training speed with PyTorch and TensorFlow",
    serve: "run the server of results and boards on this machine",
    db: "look after a server's database: migrate, reindex, dump, restore",
    clean: "show what was set up, what it takes and where, and remove it",
    admin: "moderate a server that lists your key as an operator's",
  },
};

/** @type {ReadonlyMap<string, {group: string, summary: string}>} by name */
export const COMMANDS = new Map(
  Object.entries(GROUPS).flatMap(([group, summaries]) =>
    Object.entries(summaries).map(([name, summary]) => [name, { group, summary }]),
  ),
);

/** @param {string} name as typed, made visible by whoever shows it */
export function noSuchCommand(name) {
  const known = [...COMMANDS.keys()];
  const near = nearest(name, known);
  const tail = near === null ? "" : `; did you mean ${near}?`;
  return `there is no command "${name}" (${known.join(", ")})${tail}`;
}

/**
 * As for every other name (`didYouMean` in record/problem.ts, which a set-up cannot import): the nearest, if at most a
 * third of it is wrong.
 *
 * @param {string} name @param {readonly string[]} known
 */
function nearest(name, known) {
  const distances = known.map((each) => editDistance(name.toLowerCase(), each));
  const least = Math.min(...distances);
  const limit = Math.max(1, Math.ceil(name.length / 3));
  return least <= limit ? known[distances.indexOf(least)] : null;
}

/** Levenshtein distance. @param {string} a @param {string} b */
function editDistance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++)
      next.push(Math.min(row[j + 1] + 1, next[j] + 1, row[j] + (letter === b[j] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}
