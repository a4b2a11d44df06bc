import { createHash } from "node:crypto";
import { render } from "preact-render-to-string";
import { describe, expect, test } from "vitest";
import { SourceText } from "../../../record/custom-code.ts";
import { entryCode } from "../../../site/components/entry/entry-code.ts";
import { tapTitles } from "../../../record/tap-names.ts";
import { markdown } from "../../../site/data/copied-table.ts";
import type { EntryModel } from "../../../site/data/entry-model.ts";
import { MOST_MARKS, shownSource } from "../../../site/data/source-text.ts";
import { escapeLatex } from "../../../site/markup/latex.ts";
import { aRow, digest } from "./rows.ts";

const textOf = (source: string) =>
  shownSource(source)
    .parts.map(({ text }) => text)
    .join("");

describe("a source is shown", () => {
  test("as it is where it is ASCII, in one piece", () => {
    const source = "a\tb\n<script>&amp;\n";
    const whole = { text: source, codePoints: null };
    expect(shownSource(source)).toEqual({ parts: [whole], lines: 2, bytes: 18, foreign: 0 });
    expect(shownSource("one").lines).toBe(1);
  });

  test("with letters that look like others marked by their code points", () => {
    expect(shownSource("let \u0430dmin;").parts).toEqual([
      { text: "let ", codePoints: null },
      { text: "\u0430", codePoints: "U+0430" },
      { text: "dmin;", codePoints: null },
    ]);
  });

  test.each([
    ["\u200b", "U+200B"],
    ["\u00a0", "U+00A0"],
    ["\ufeff", "U+FEFF"],
    ["\u0301", "U+0301"],
    ["\u3164", "U+3164"],
    ["\u{e0041}", "U+E0041"],
    ["\u00ad", "U+00AD"],
  ])("with %j, which shows nothing of its own, written out", (sign, point) => {
    expect(textOf(`a${sign}b`)).toBe(`a⟨${point}⟩b`);
  });

  test("in few pieces however many places are marked, and nothing unseen even beyond them", () => {
    const { parts, foreign } = shownSource("é\u200b ".repeat(10_000));
    expect(foreign).toBe(10_000);
    expect(parts.length).toBeLessThanOrEqual(2 * MOST_MARKS + 1);
    expect(parts.at(-1)!.text.endsWith("é⟨U+200B⟩ ")).toBe(true);
  });
});

test.each(["\u202e", "\u2066", "\u2028", "\u2029", "\r", "\u0000", "\u0085"])(
  "source with %j, which reads otherwise than it runs, is refused",
  (sign) => {
    expect(SourceText.safeParse(`a${sign}b`).success).toBe(false);
  },
);

const SOURCE = 'export default () => "</script><img src=x onerror=alert(1)>";\n';
const sha256 = createHash("sha256").update(SOURCE).digest("hex");

function model(state: "challenged" | "quarantined", source: string | null): EntryModel {
  const arch = `custom:my-net@${sha256.slice(0, 8)}`;
  const code = { source: sha256, regSource: null, customTaps: ["first block", "mean"] };
  const row = aRow({ entry: digest(1), arch, custom: true, code }, state);
  const payload = Buffer.from(JSON.stringify({ source, regSource: null })).toString("base64");
  const envelope = { payloadType: "application/vnd.rademark.result+json", payload, signatures: [] };
  return {
    entry: { row, protocol: { id: digest(9), name: "micro-1" } },
    envelope: source === null ? null : envelope,
    home: "",
  } as unknown as EntryModel;
}

test("an entry's page shows the source as text, with its digest, size, licence, taps and a warning", () => {
  const page = render(entryCode(model("challenged", SOURCE))!);
  expect(page).not.toMatch(/<(script|img)/);
  expect(page).toContain("&lt;/script>&lt;img src=x onerror=alert(1)>");
  for (const said of [
    sha256,
    "1 line, 62 bytes",
    "MIT",
    "first block, mean",
    "nobody has checked it",
  ])
    expect(page).toContain(said);
  const href = `href="/v1/sources/${digest(1)}/arch.txt"`;
  expect(page).toMatch(new RegExp(`<a ${href} download="my-net\\.ts"`));
});

test("a quarantined entry's page says that the source is withheld", () => {
  expect(render(entryCode(model("quarantined", null))!)).toContain("withheld while");
  expect(render(entryCode(model("challenged", null))!)).toContain("could not be fetched");
});

test("an entry without code of its own has no such section", () => {
  expect(entryCode({ ...model("challenged", SOURCE), entry: { row: aRow() } } as never)).toBeNull();
});

test("taps have the names that the architecture declares, if these are as many", () => {
  expect(tapTitles("custom:a-1@0123abcd", 2, ["in", "out"])).toEqual(["in", "out"]);
  expect(tapTitles("custom:a-1@0123abcd", 3, ["in", "out"])).toEqual(["tap 1", "tap 2", "tap 3"]);
});

test("a custom name is plain text in copies", () => {
  const cells = [["custom:my-net@0123abcd"]];
  expect(markdown({ titles: ["a"], isNumeric: [false], cells })).toContain(
    "custom:my-net@0123abcd",
  );
  expect(escapeLatex("custom:my-net@0123abcd")).toBe("custom:my-net@0123abcd");
});
