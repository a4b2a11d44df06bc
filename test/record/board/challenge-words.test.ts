import { expect, test } from "vitest";
import { challengerWords, challengeSentences } from "../../../record/board/challenge-words.ts";

const none = { issued: 0, completed: 0 };

test("a configuration that nobody asked a challenge of says so", () => {
  const told = { challenges: { byKey: none, byAnybody: none }, challengers: null };
  expect(challengeSentences(told)).toHaveLength(1);
});

test("of a server that knows no holders the sums are told", () => {
  const challenges = {
    byKey: { issued: 2, completed: 1 },
    byAnybody: { issued: 9, completed: 3 },
  };
  expect(challengeSentences({ challenges, challengers: null })).toEqual([
    "Challenges of this configuration by the holder of this key: 1 of 2 completed; by anybody: 3 of 9 completed.",
  ]);
});

test("one other holder is one, and none is said", () => {
  const challenges = { byKey: none, byAnybody: { issued: 2, completed: 0 } };
  const abandoned = { byKey: 0, byAnybody: 2 };
  const told = { challenges, challengers: { holders: 1, abandoned, shown: [] } };
  expect(challengeSentences(told)[1]).toBe("By 1 other holder: 0 of 2 completed, 2 abandoned.");
  const own = { byKey: { issued: 1, completed: 1 }, byAnybody: { issued: 1, completed: 1 } };
  const alone = { holders: 1, abandoned: { byKey: 0, byAnybody: 0 }, shown: [] };
  expect(challengeSentences({ challenges: own, challengers: alone })[1]).toBe(
    "Nobody else asked for one.",
  );
});

test("what became of each is told, and nothing of what did not happen", () => {
  expect(challengerWords({ issued: 4, completed: 1, failed: 1, expired: 1 })).toBe(
    "1 of 4 completed, 1 given up, 1 expired, 1 open",
  );
  expect(challengerWords({ issued: 1, completed: 1, failed: 0, expired: 0 })).toBe(
    "1 of 1 completed",
  );
});
