import { expect, test } from "vitest";
import { pageProgress } from "../../../site/data/build-progress.ts";

/** 1,200 pages at 25 a second, 1,000 of them drawn. */
function build(isTTY: boolean): { said: () => string; end: () => void } {
  let [text, milliseconds] = ["", 0];
  const stream = { isTTY, write: (more: string) => (text += more).length > 0 };
  const progress = pageProgress(stream, () => milliseconds);
  progress.begin(1200);
  for (let page = 1; page <= 1000; page++) {
    milliseconds = page * 40;
    progress.page();
  }
  return { said: () => text, end: () => progress.end() };
}

test("a build in a log says every ten seconds how many pages are done, how fast, and what is left", () => {
  const { said, end } = build(false);
  const lines = said().trimEnd().split("\n");
  expect(lines).toHaveLength(4);
  expect(lines[3]).toBe("1,000 of 1,200 pages (83 %), 25.0 a second, 8.0 s left");
  end();
  expect(said().endsWith("left\n1,000 pages of the site in 40.0 s\n")).toBe(true);
});

test("a build at a terminal draws one line again and again", () => {
  const { said, end } = build(true);
  expect(said()).not.toContain("\n");
  const last = said().split("\r").at(-1);
  expect(last).toBe("\u001b[2K1,000 of 1,200 pages (83 %), 25.0 a second, 8.0 s left");
  end();
  expect(said().endsWith("\r\u001b[2K1,000 pages of the site in 40.0 s\n")).toBe(true);
});
