/** @file `--sbatch "..."`: options of sbatch as one text, taken apart as a shell would. */

import { UserError } from "../../errors.ts";

/** What is set here, and why nobody else may. */
const OWN: Readonly<Record<string, { short?: string; why: string }>> = {
  array: {
    short: "a",
    why: "the array has a task for each configuration; only %N, how many may run at once, is yours",
  },
  output: { short: "o", why: "what tasks print goes to .slurm/ in the output folder" },
  error: { short: "e", why: "what tasks print goes to .slurm/ in the output folder" },
  "open-mode": { why: "a task that is requeued goes on in the same file" },
  "job-name": { short: "J", why: "jobs are found again by their names" },
  signal: { why: "the signal asks for a checkpoint" },
  "no-requeue": { why: "a task near its time limit is requeued" },
  chdir: { short: "D", why: "tasks run in the output folder" },
  clusters: { short: "M", why: "jobs of another cluster cannot be followed from here" },
  wait: { short: "W", why: "sweep follows the jobs itself" },
  wrap: { why: "the script is written by sweep" },
  parsable: { why: "sweep reads sbatch's answer" },
  "test-only": { why: "--dry-run shows what would be submitted" },
};

/** Reads the text. @throws UserError for an open quote, and for an option that is not the person's to set. */
export function readSbatchOptions(text: string): string[] {
  const words = shellWords(text);
  for (const [i, word] of words.entries()) requireFree(word, words[i + 1]);
  return words;
}

/** Of `--array=%8`: how many tasks may run at once; null: as many as the cluster lets. */
export function throttleOf(words: readonly string[]): { throttle: string | null; rest: string[] } {
  let throttle: string | null = null;
  const rest = words.filter((word) => {
    const found = ARRAY_THROTTLE.exec(word);
    throttle = found?.[1] ?? throttle;
    return found === null;
  });
  return { throttle, rest };
}

const ARRAY_THROTTLE = /^(?:--array=|-a)(%[1-9]\d*)$/;

function requireFree(word: string, next = ""): void {
  if (ARRAY_THROTTLE.test(word)) return;
  const long = /^--([a-z-]+)/.exec(word)?.[1];
  const short = /^-([a-zA-Z])/.exec(word)?.[1];
  const [name, about] =
    Object.entries(OWN).find(
      ([own, each]) =>
        // getopt takes a beginning for the whole
        (long !== undefined && long.length > 2 && own.startsWith(long)) ||
        (short !== undefined && short === each.short),
    ) ?? [];
  if (about === undefined) return;
  const hint = name === "array" && next.startsWith("%") ? `; write --array=${next}` : "";
  throw new UserError(`${word}: ${about.why}${hint}`);
}

/** The words of a POSIX shell, without expansions. */
function shellWords(text: string): string[] {
  const words: string[] = [];
  const token = /\s+|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)/gsy;
  let word: string | null = null;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const found = token.exec(text);
    if (found === null) throw new UserError(`${text.slice(at, at + 20)}: the quote is not closed`);
    const [whole, single, double, escaped, plain] = found;
    const part = single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? plain;
    if (part !== undefined) word = (word ?? "") + part;
    else if (/^\s/.test(whole) && word !== null) {
      words.push(word);
      word = null;
    }
  }
  return word === null ? words : [...words, word];
}
