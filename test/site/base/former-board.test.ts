import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { USUAL_VIEW, writeView } from "../../../site/data/board-view.ts";

const script = readFileSync(
  new URL("../../../site/public/former-board.js", import.meta.url),
  "utf8",
);

/** Where the first page's script leads on from an address; null: it stays. */
function ledTo(search: string, hash = ""): string | null {
  let to: string | null = null;
  const location = { search, hash, replace: (address: string) => (to = address) };
  runInNewContext(script, { location, URLSearchParams });
  return to;
}

test("whatever a board's address could say when the board stood at the root leads to the board", () => {
  const entry = "a".repeat(64);
  const written = writeView({
    ...USUAL_VIEW,
    ...{ sort: "gap", order: "descending", text: "x", archs: ["mlp-256"], families: ["dropout"] },
    ...{
      states: ["challenged"],
      device: "cpu",
      hidden: true,
      custom: "ranked",
      reference: "hidden",
    },
    ...{
      columns: ["entry", "gap"],
      page: 2,
      axis: "capacity",
      isLog: true,
      compare: [entry],
      selected: entry,
    },
  });
  const parts = written.slice(1).split("&");
  expect(parts).toHaveLength(Object.keys(USUAL_VIEW).length);
  for (const part of parts) expect(ledTo(`?${part}`)).toBe(`/boards/micro-1/?${part}`);
  expect(ledTo("?arch=mlp-256", "#table")).toBe("/boards/micro-1/?arch=mlp-256#table");
  expect(ledTo("", `#e-${"a".repeat(16)}`)).toBe(`/boards/micro-1/#e-${"a".repeat(16)}`);
});

test("any other address of the first page stays", () => {
  for (const search of ["", "?utm_source=x", "?archs=1"]) expect(ledTo(search)).toBeNull();
  expect(ledTo("", "#main")).toBeNull();
});
