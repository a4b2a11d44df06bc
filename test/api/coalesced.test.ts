import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { coalesced } from "../../api/deployment.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const PACE = { wait: 200, apart: 1000 };

function counted() {
  const times: number[] = [];
  const begun = performance.now();
  const work = () => Promise.resolve(void times.push(performance.now() - begun));
  return { times, boards: coalesced(work, PACE, (error) => expect.unreachable(String(error))) };
}

test("what is asked for after a pause is done soon, once for all who asked", async () => {
  const { times, boards } = counted();
  for (let i = 0; i < 5; i++) boards.ask();
  await vi.advanceTimersByTimeAsync(199);
  expect(times).toEqual([]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(times).toEqual([200]);
  boards.ask();
  await vi.advanceTimersByTimeAsync(5000);
  expect(times).toEqual([200, 5399]);
});

test("those who ask all the time are served a second apart, the last one, too", async () => {
  const { times, boards } = counted();
  for (let i = 0; i < 250; i++) {
    boards.ask();
    await vi.advanceTimersByTimeAsync(10);
  }
  await vi.advanceTimersByTimeAsync(1000);
  expect(times).toEqual([200, 1200, 2200, 3200]);
});

test("what takes long is done seldom: a twentieth of the time is spent on it", async () => {
  const times: number[] = [];
  const begun = performance.now();
  const work = async () => {
    times.push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, 500));
  };
  const documents = coalesced(work, { wait: 0, apart: 1000, share: 0.05 }, () =>
    expect.unreachable(),
  );
  for (let i = 0; i < 2500; i++) {
    documents.ask();
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(times).toEqual([0, 1000, 11_000, 21_000]); // it is known to take long once it was done
});

test("what failed is reported, and done again when somebody asks", async () => {
  const failures: unknown[] = [];
  let count = 0;
  const boards = coalesced(
    () => (++count === 1 ? Promise.reject(new Error("away")) : Promise.resolve()),
    PACE,
    (error) => failures.push(error),
  );
  boards.ask();
  await vi.advanceTimersByTimeAsync(2000);
  boards.ask();
  await vi.advanceTimersByTimeAsync(2000);
  expect([count, failures]).toEqual([2, [new Error("away")]]);
});

test("finish does at once what waits", async () => {
  const { times, boards } = counted();
  boards.ask();
  await boards.finish();
  expect(times).toEqual([0]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(times).toEqual([0]);
});
