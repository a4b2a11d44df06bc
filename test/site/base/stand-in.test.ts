/** @file What the site draws on at build, against a whole document. */

import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { complexityGapFigure } from "../../../site/charts/complexity-gap.ts";
import { html, serialize } from "../../../site/charts/element.ts";
import { learningCurvesFigure } from "../../../site/charts/learning-curves.ts";
import { measureBarsFigure } from "../../../site/charts/measure-scatters.ts";
import { drawn } from "../../../site/data/stand-in.ts";

const INTERVAL = { mean: 0.5, low: 0.4, high: 0.6, count: 5 };

const CURVES = {
  arch: "mlp-512",
  regs: "wd=0.01",
  length: 2,
  completed: 5,
  diverged: 0,
  train: [INTERVAL, INTERVAL],
  test: INTERVAL,
  labels: [{ name: "n = 100", kind: "headline" as const, epochs: [INTERVAL, INTERVAL] }],
};

const POINT = {
  arch: "mlp-512",
  regs: "none",
  complexity: INTERVAL,
  gap: { ...INTERVAL, mean: 0.1 },
  testAccuracy: INTERVAL,
  seeds: 5,
  href: "#e-1",
};

const BARS = [
  { title: "a measure", tau: 0.5, low: 0.25, high: 0.75, entries: 12 },
  { title: "no order", tau: null, low: null, high: null, entries: 12 },
];

describe("a drawing made at build", () => {
  test.each([
    ["learning curves", (document: Document) => learningCurvesFigure([CURVES], document)],
    ["a map with links", (document: Document) => complexityGapFigure([POINT], document)],
    ["bars of measures", (document: Document) => measureBarsFigure(BARS, document)],
  ])("is what a whole document holds: %s", (_, draw) => {
    const { document } = parseHTML("<!doctype html><html><body></body></html>");
    expect(inOneOrder(drawn(draw))).toBe(inOneOrder(serialize(draw(document))));
  });

  test("keeps attributes in the order in which they were given", () => {
    const text = drawn((document) => html(document, "a", { href: "/", class: "button" }, "there"));
    expect(text).toBe('<a href="/" class="button">there</a>');
  });

  test("holds a node in one place only, wherever it is put next", () => {
    const text = drawn((document) => {
      const [word, end] = [html(document, "b"), html(document, "i")];
      const first = html(document, "p", {}, word, end);
      const second = html(document, "p", {}, "text", word);
      second.insertBefore(end, word);
      return html(document, "div", {}, first, second);
    });
    expect(text).toBe("<div><p></p><p>text<i></i><b></b></p></div>");
  });

  test("does not pretend to find what it cannot look for", () => {
    const find = (document: Document) => html(document, "p").querySelector("p > b");
    expect(() => drawn(find)).toThrow("more than the stand-in can find");
  });
});

/** Attributes by name: the whole document turns their order around. */
function inOneOrder(text: string): string {
  return text.replace(/<([a-z0-9]+)((?: [^ =>]+(?:="[^"]*")?)*)>/gi, (_, name, attributes) => {
    const all = (attributes as string).match(/ [^ =>]+(?:="[^"]*")?/g) ?? [];
    return `<${name as string}${all.sort().join("")}>`;
  });
}
