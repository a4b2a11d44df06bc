import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { expect, test, afterAll, beforeAll } from "vitest";
import type { BoardPage } from "../../../record/board/board-row.ts";
import {
  citable,
  citationBibtex,
  citationWords,
} from "../../../site/components/entry/entry-citation.ts";
import { bibtex } from "../../../site/data/bibtex.ts";
import type { EntryModel } from "../../../site/data/entry-model.ts";
import { BOARD_COLUMNS, findColumn } from "../../../site/data/table-columns.ts";
import { copiedTable, csv, markdown } from "../../../site/data/copied-table.ts";
import { escapeLatex, latex, lettersNeed } from "../../../site/markup/latex.ts";
import { rankedRows } from "../../../site/data/shown-rows.ts";
import { type Laboratory, openReadingRoom } from "../../world/laboratory.ts";
import { listed } from "../../world/visitor.ts";
import { aFolder } from "../../world/run-folders.ts";
import { aRow, about, digest } from "./rows.ts";

const columns = ["entry", "arch", "regs", "learnedComplexity"];
const rows = [
  aRow({ signer: { key: digest(7), name: "=A|ice_&_Co" } }),
  aRow({ numbers: { ...aRow().numbers, learnedComplexity: about(-0.01, 0.002) } }),
  aRow({ numbers: { ...aRow().numbers, learnedComplexity: null }, divergence: "2 of 8 diverged" }),
];
const table = copiedTable(rows, columns);

test("Markdown takes no name for a formula", () => {
  const [row] = copiedTable([aRow({ signer: { key: digest(7), name: "$x$" } })], ["entry"]).cells;
  expect(markdown({ titles: ["Entry"], isNumeric: [false], cells: [row!] })).toContain("\\$x\\$");
});

test("Markdown has one line a row and as many cells in each, whatever a name holds", () => {
  const lines = markdown(table).trimEnd().split("\n");
  expect(lines).toHaveLength(2 + rows.length);
  const cells = lines.map((line) => line.replaceAll("\\|", "").split("|").length);
  expect(new Set(cells)).toEqual(new Set([columns.length + 2]));
  expect(lines[1]).toBe("| --- | --- | --- | ---: |");
  expect(lines[2]).toContain("=A\\|ice\\_\\&\\_Co");
  expect(lines[2]).toContain("44.0 ± 1.0");
});

test("LaTeX sets numbers right, plus-minus as mathematics, and escapes a name", () => {
  const text = latex(table);
  expect(text).toContain("\\begin{tabular}{lllr}");
  expect(text).toContain("=A$|$ice\\_\\&\\_Co");
  expect(text).toContain("44.0 $\\pm$ 1.0");
  expect(text).toContain("$-$1.0 $\\pm$ 0.2");
  expect(text).toContain("Learned complexity (\\%)");
});

test("LaTeX escapes every sign that is a command, and begins no cell with an argument of the line above", () => {
  expect(escapeLatex("_%#&$~^\\{}")).toBe(
    "\\_\\%\\#\\&\\$\\textasciitilde{}\\textasciicircum{}\\textbackslash{}\\textbraceleft{}\\textbraceright{}",
  );
  expect(escapeLatex("[2] <a>\n\n*")).toBe("{[}2] $<$a$>$ *");
  expect(escapeLatex("*b")).toBe("{*}b");
});

const HOSTILE = [
  "50% _a_ #1 $x$ {b ~c^ \\d",
  "[1] *b* `c` | e ![x](y) }",
  "Müller – Ångström… ĄŁœ «ÿ»",
  "− × ± · ≤ ≥ “q” ’s — ¡¿",
];

const manyLetters = (text: string) => lettersNeed(text).slice(2, 15);

test("a copy says which LaTeX sets its letters: any, one with an encoding, or one with fonts of the machine", () => {
  const named = (name: string) => [aRow({ signer: { key: digest(7), name } })];
  expect(manyLetters("A_1 – ±")).toBe("");
  expect(manyLetters("Müller")).toBe("\\usepackage[T");
  for (const name of ["Ωμέγα", "Иван", "山田", "a→b"])
    expect(manyLetters(name)).toBe("for LuaLaTeX ");
  expect(latex(copiedTable(named("Müller"), ["entry"]))).toMatch(
    /^% .*booktabs}\n% .*fontenc}\n\\/,
  );
  expect(bibtex(named("Иван"), "micro-1", "")).toMatch(/^% for LuaLaTeX.*\n@misc/);
});

const TEX = spawnSync("pdflatex", ["--version"]).status === 0;

test.skipIf(!TEX)(
  "LaTeX sets a copy of every column, and a citation, whatever a name holds",
  () => {
    const named = HOSTILE.map((name, i) =>
      aRow({ entry: `${i}`.repeat(64), signer: { key: digest(7), name } }),
    );
    const folder = aFolder();
    const table = latex(
      copiedTable(
        [...named, ...rows],
        BOARD_COLUMNS.map(({ id }) => id),
      ),
    );
    writeFileSync(join(folder, "refs.bib"), bibtex(named, "micro-1", "https://board.example"));
    const packages = "\\usepackage{booktabs,url}\\usepackage[T1]{fontenc}";
    const text = `\\nocite{*}\\bibliographystyle{plain}\\bibliography{refs}${table}`;
    const page = `\\documentclass{article}${packages}\\begin{document}${text}\\end{document}`;
    writeFileSync(join(folder, "page.tex"), page);
    const run = (program: string, ...options: string[]) => {
      const { status, stdout } = spawnSync(program, [...options, "page"], { cwd: folder });
      return [program, status, /^!.*|^.*error message.*/m.exec(stdout.toString())?.[0] ?? ""];
    };
    const tex = ["pdflatex", "-draftmode", "-halt-on-error", "-interaction=nonstopmode"] as const;
    expect(run(...tex)).toEqual(["pdflatex", 0, ""]);
    expect(run("bibtex")).toEqual(["bibtex", 0, ""]);
    expect(run(...tex)).toEqual(["pdflatex", 0, ""]);
  },
  30_000,
);

test("a copy has the whole name of the hardware, which the page shortens", () => {
  const cpu = "Intel(R) Xeon(R) Processor @ 2.90GHz";
  const row = aRow({ machine: { ...aRow().machine, cpu } });
  expect(findColumn("seconds")!.cell(row).text).toMatch(/, Intel\(R\) Xeon\(R\) Proces…$/);
  expect(copiedTable([row], ["seconds"]).cells[0]![0]).toMatch(/, Intel\(R\) Xeon.*2\.90GHz$/);
});

test("BibTeX names the digest, and a key without a name by its beginning", () => {
  const unnamed = aRow({ signer: { key: digest(7), name: null } });
  const text = bibtex([unnamed], "micro-1", "https://board.example");
  expect(text).toContain(`url = {https://board.example/entries/${digest(1)}/}`);
  expect(bibtex([unnamed], "micro-1", "")).not.toContain("url");
  expect(text).toContain("author = {{Key 000000000000}}");
  expect(text).toContain("title = {{mlp-512, none: learned complexity and capacity on micro-1}}");
});

test("a citation has the address only where the site has one, and then for the reference its own", () => {
  const { protocol, ...row } = { ...aRow(), protocol: { id: digest(9), name: "micro-1" } };
  const model = (home: "" | "/reference") => ({ entry: { row, protocol }, home }) as EntryModel;
  const here = citable(model(""));
  expect(citationBibtex(here, "")).not.toContain("url");
  expect(citationWords(here, "")).toContain(`entry ${digest(1)}`);
  const there = citable(model("/reference"));
  const address = `https://board.example/reference/entries/${digest(1)}/`;
  expect(citationWords(there, "https://board.example")).toContain(address);
  expect(citationBibtex(there, "https://board.example")).toContain(`url = {${address}}`);
  expect(citationBibtex(here, "")).toContain(`note = {Listed 2026-03-01, protocol ${digest(9)}}`);
});

test("CSV holds whole numbers with both ends, nothing where there is none, and no formula", () => {
  const lines = csv(rows, columns).split("\r\n");
  expect(lines[0]).toBe(
    "entry,key,name,arch,custom,regs,learnedComplexity,learnedComplexityLow,learnedComplexityHigh",
  );
  expect(lines[1]).toBe(`${digest(1)},${digest(7)},'=A|ice_&_Co,mlp-512,no,none,0.44,0.43,0.45`);
  expect(lines[2]).toContain(",-0.01,-0.012,-0.008");
  expect(lines[3]).toMatch(/,none,,,$/);
});

test("CSV neutralizes a formula wherever csv-stringify does", () => {
  const signs = fc.constantFrom(..."=+-@\t\r\uFF1D\uFF0B\uFF0D\uFF20,'a ");
  fc.assert(
    fc.property(fc.string({ unit: signs, maxLength: 6 }), (name) => {
      const row = { ...rows[0]!, signer: { key: digest(7), name } };
      const options = { escape_formulas: true, record_delimiter: "windows" } as const;
      const line = stringify([[row.entry, row.signer.key, name]], options);
      // We also quote a lone carriage return, which it leaves bare.
      expect(csv([row], []).replaceAll('"', "")).toBe(
        `entry,key,name\r\n${line.replaceAll('"', "")}`,
      );
    }),
  );
});

const RANKED_MODEL = { ranked: "learnedComplexity", ranksCustom: false } as const;

test("a copy in another order than the ranks' has no places", () => {
  const tiers = (sort: string) =>
    copiedTable(rankedRows(rows, RANKED_MODEL, { sort, custom: "shown" }), ["tier"]).cells.flat();
  expect(tiers("learnedComplexity")).toEqual(["1–2", "1–2", "1–2"]);
  expect(tiers("receivedAt")).toEqual(["–", "–", "–"]);
});

test("an equivalent width that is a bound says so in every copy", () => {
  const bounded = rows.map((row) => ({ ...row, equivalentWidthBound: "at most" as const }));
  expect(copiedTable(bounded, ["equivalentWidth"]).cells[0]).toEqual(["at most 155"]);
  const [head, first] = csv(bounded, ["equivalentWidth"]).split("\r\n");
  expect(head).toMatch(
    /,equivalentWidth,equivalentWidthLow,equivalentWidthHigh,equivalentWidthBound$/,
  );
  expect(first).toMatch(/,155.2,151.2,159.2,at most$/);
});

test("a declared number is called so in a copy, too", () => {
  const { titles } = copiedTable(rows, ["bits", "effectiveRank", "seconds"]);
  for (const title of titles) expect(title).toMatch(/ · declared$/);
  expect(latex(copiedTable(rows, ["bits"]))).toContain("Bits $\\cdot$ declared");
});

let room: Laboratory;
beforeAll(async () => {
  room = await openReadingRoom();
  for (const regs of ["none", "aug", "dropout=0.5"]) await listed(room, { regs });
  await room.refresh();
});
afterAll(() => room.close());

test("what both have is named and written alike", async () => {
  const exported = parsed(await (await room.get("/v1/export/micro-1.csv")).text());
  const { rows } = (await (await room.get("/v1/boards/micro-1?limit=200")).json()) as BoardPage;
  const ids = BOARD_COLUMNS.map(({ id }) => id);
  const copied = parsed(csv(rows, ids));
  expect(copied.length).toBeGreaterThan(2);
  const own = Object.keys(copied[0]!).filter((name) => !(name in exported[0]!));
  expect(own).toEqual([
    "tier",
    ...["nullShare", "nullShareLow", "nullShareHigh"],
    ...["panel", "fresh", "gpus"],
  ]);
  for (const line of copied) {
    const other = exported.find(({ entry }) => entry === line["entry"])!;
    const shared = Object.entries(line).filter(([name]) => !own.includes(name));
    expect(shared).toEqual(shared.map(([name]) => [name, other[name]]));
  }
});

/** Without line breaks in cells, which no name of these entries has. */
function parsed(text: string): Record<string, string>[] {
  const [names, ...lines] = text
    .trimEnd()
    .split("\r\n")
    .map((line) =>
      Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, quoted, plain]) =>
        quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
      ),
    );
  return lines.map((line) => Object.fromEntries(names!.map((name, i) => [name, line[i]!])));
}
