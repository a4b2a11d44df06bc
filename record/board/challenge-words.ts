/** @file What became of a configuration's challenges, holder by holder, in words shared by pages and terminal. */

import type { Challenger, Standing } from "./standing.ts";

type ChallengeFacts = Pick<Standing, "challenges" | "challengers">;

/** One sentence each: the entry's own holder, everybody else, and what may not be read into it. */
export function challengeSentences({ challenges, challengers }: ChallengeFacts): string[] {
  const { byKey, byAnybody } = challenges;
  if (byAnybody.issued === 0)
    return [
      "Nobody has asked for a challenge of this configuration: it was trained on public seeds alone.",
    ];
  const own = `Challenges of this configuration by the holder of this key: ${kOfM(byKey)}`;
  if (challengers === null) return [`${own}; by anybody: ${kOfM(byAnybody)}.`];
  const { holders, abandoned } = challengers;
  const others = holders - (byKey.issued === 0 ? 0 : 1);
  const said = [`${own}, ${abandoned.byKey} abandoned.`];
  if (others === 0) return [...said, "Nobody else asked for one."];
  const theirs = {
    issued: byAnybody.issued - byKey.issued,
    completed: byAnybody.completed - byKey.completed,
  };
  const left = abandoned.byAnybody - abandoned.byKey;
  const who = others === 1 ? "1 other holder" : `${others} other holders`;
  return [
    ...said,
    `By ${who}: ${kOfM(theirs)}, ${left} abandoned.`,
    "Anybody can ask for one and abandon it: what other holders abandoned does not speak against this entry, unless they are one with it.",
  ];
}

/** `1 of 3 completed, 1 given up, 1 expired`; what is left is open. */
export function challengerWords(challenger: Omit<Challenger, "key">): string {
  const { issued, completed, failed, expired } = challenger;
  const open = issued - completed - failed - expired;
  const rest = [
    [failed, "given up"],
    [expired, "expired"],
    [open, "open"],
  ] as const;
  const others = rest.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
  return [kOfM(challenger), ...others].join(", ");
}

function kOfM({ issued, completed }: { issued: number; completed: number }): string {
  return `${completed} of ${issued} completed`;
}
