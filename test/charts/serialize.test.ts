import fc from "fast-check";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { serialize } from "../../site/charts/element.ts";

const { document } = parseHTML("<!doctype html><html><body></body></html>");

test("any text survives as text, in elements and attributes", () => {
  const text = fc.string({
    unit: fc.constantFrom("<", ">", "&", '"', "'", "a", ";", "#", "/", " "),
  });
  fc.assert(
    fc.property(text, text, (content, title) => {
      const element = document.createElement("p");
      element.setAttribute("title", title);
      element.textContent = content;
      const back = parseHTML(`<body>${serialize(element)}</body>`).document.querySelector("p")!;
      expect([back.textContent, back.getAttribute("title")]).toEqual([content, title]);
      expect(back.children).toHaveLength(0);
    }),
  );
});

test("coordinates are shortened to a hundredth of a pixel, words are not", () => {
  const path = document.createElement("path");
  path.setAttribute("d", "M-0.0000001,12.345678L3.1e-9,100");
  expect(serialize(path)).toBe('<path d="M0,12.35L0,100"></path>');
  const label = document.createElement("g");
  label.setAttribute("aria-label", "3.14159");
  expect(serialize(label)).toBe('<g aria-label="3.14159"></g>');
});
