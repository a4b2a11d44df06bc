import { expect, test } from "vitest";
import { type Listed, representativeOf } from "../../../record/board/representative.ts";

const listed = (id: string, changes: Partial<Listed> = {}): Listed => {
  const plain = { isChallenged: false, stands: true, isSuperseded: false, supersedes: null };
  return { id, ...plain, ...changes };
};
const challenged = { isChallenged: true };
const gone = { stands: false };

test("the first in the log stands for its configuration, however many come later", () => {
  const copies = Array.from({ length: 50 }, (_, i) => listed(`copy ${i}`));
  expect(representativeOf([listed("first"), ...copies])).toBe("first");
  expect(representativeOf([])).toBeNull();
});

test("who completed a challenge comes before who did not, and of those the first", () => {
  const rows = [listed("plain"), listed("fresh", challenged), listed("later", challenged)];
  expect(representativeOf(rows)).toBe("fresh");
});

test("what was taken back or replaced stands for nothing", () => {
  const rows = [listed("wrong", { ...gone, ...challenged }), listed("next"), listed("last")];
  expect(representativeOf(rows)).toBe("next");
  expect(representativeOf([listed("wrong", gone)])).toBeNull();
});

test("a replacement keeps the place of what it replaces, so that a copy of it gains nothing", () => {
  const rows = [
    listed("first", { isSuperseded: true }),
    listed("copy"),
    listed("second", { supersedes: "first", isSuperseded: true }),
    listed("third", { supersedes: "second" }),
  ];
  expect(representativeOf(rows)).toBe("third");
});

test("the place is handed on behind a replacement that was taken back", () => {
  const rows = [
    listed("first", { isSuperseded: true }),
    listed("copy"),
    listed("wrong", { supersedes: "first", ...gone }),
    listed("third", { supersedes: "wrong" }),
  ];
  expect(representativeOf(rows)).toBe("third");
});

test("no place comes from what does not stand, nor one among challenges from what completed none", () => {
  const quarantined = [
    listed("invented", gone),
    listed("honest"),
    listed("again", { supersedes: "invented" }),
  ];
  expect(representativeOf(quarantined)).toBe("honest");
  const squatted = [
    listed("squatted", { isSuperseded: true }),
    listed("honest", challenged),
    listed("again", { supersedes: "squatted", ...challenged }),
  ];
  expect(representativeOf(squatted)).toBe("honest");
});

test("a hundred thousand replacements of replacements are looked at once each", () => {
  const rows = Array.from({ length: 100_000 }, (_, i) =>
    listed(String(i), { supersedes: i === 0 ? null : String(i - 1), isSuperseded: i < 99_999 }),
  );
  const start = performance.now();
  expect(representativeOf(rows)).toBe("99999");
  expect(performance.now() - start).toBeLessThan(5000); // each against each would take minutes
});
