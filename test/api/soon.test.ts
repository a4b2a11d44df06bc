import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { soon } from "../../api/soon.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const PACE = { wait: 200, apart: 1000 };

function counted() {
  const times: number[] = [];
  const begun = performance.now();
  const work = () => Promise.resolve(void times.push(performance.now() - begun));
  return { times, ...soon(work, PACE, expect.unreachable) };
}

test("what is asked for after a pause is done soon, once for all who asked", async () => {
  const { times, ask } = counted();
  for (let i = 0; i < 5; i++) ask();
  await vi.advanceTimersByTimeAsync(199);
  expect(times).toEqual([]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(times).toEqual([200]);
  ask();
  await vi.advanceTimersByTimeAsync(5000);
  expect(times).toEqual([200, 5399]);
});

test("those who ask all the time are served a second apart, the last one, too", async () => {
  const { times, ask } = counted();
  for (let i = 0; i < 250; i++) {
    ask();
    await vi.advanceTimersByTimeAsync(10);
  }
  await vi.advanceTimersByTimeAsync(1000);
  expect(times).toEqual([200, 1200, 2200, 3200]);
});

test("what failed is reported, and done again when somebody asks", async () => {
  const failures: unknown[] = [];
  let count = 0;
  const { ask } = soon(
    () => (++count === 1 ? Promise.reject(new Error("away")) : Promise.resolve()),
    PACE,
    (error) => failures.push(error),
  );
  ask();
  await vi.advanceTimersByTimeAsync(2000);
  ask();
  await vi.advanceTimersByTimeAsync(2000);
  expect([count, failures]).toEqual([2, [new Error("away")]]);
});

test("finish does at once what waits", async () => {
  const { times, ask, finish } = counted();
  ask();
  await finish();
  expect(times).toEqual([0]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(times).toEqual([0]);
});
