import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("the themes differ in colours alone: by light-dark(), and by nothing that a rule says of one of them", () => {
  const styles = globSync("site/**/*.{css,astro}").map((path) => readFileSync(path, "utf8"));
  const text = styles.join("\n").replaceAll(/\/\*.*?\*\//gs, "");
  expect(text).toContain("light-dark(#");
  expect(text).not.toMatch(/prefers-color-scheme|color-scheme\(/);
  const chosen = [...text.matchAll(/\[data-theme[^{]*\{([^}]*)\}/g)].map(([, rules]) =>
    rules!.trim(),
  );
  expect(chosen.sort()).toEqual(["color-scheme: dark;", "color-scheme: light;"]);
});
