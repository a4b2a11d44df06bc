import { expect, test } from "vitest";
import { codeNotice } from "../../harness/listing/code-notice.ts";
import { sayWhatBecomesPublic } from "../../harness/cli/deliveries.ts";
import { configured, digestOf } from "../world/custom-results.ts";

const source = "a trunk\nin two lines\n";
const regSource = "a loss";
const both = configured({ source, regSource });

test.each([
  ["commit", "name and digest become public now"],
  ["sign", "stands in the signed file"],
  ["submit", "becomes public for good"],
] as const)("before a %s each file is named with lines, digest and licence", (moment, words) => {
  const [arch, reg, ...others] = codeNotice(both, { source, regSource }, "runs/a", moment);
  expect(others).toEqual([]);
  for (const said of [both.arch, "2 lines of runs/a/arch.ts", digestOf(source), words, "(MIT)"])
    expect(arch).toContain(said);
  for (const said of [both.regs, "1 line of runs/a/reg.ts", digestOf(regSource)])
    expect(reg).toContain(said);
});

test("nothing is said of what is built in, and of one file once a command", () => {
  const none = { source: null, regSource: null };
  expect(codeNotice(configured({}), none, "runs/a", "submit")).toEqual([]);
  const said: string[] = [];
  const effects = { err: (line: string) => void said.push(line) };
  const folder = (regs: string) => ({
    path: `runs/${regs}`,
    configuration: configured({ source, regs }) as never,
  });
  for (const regs of ["none", "wd=0.005"])
    sayWhatBecomesPublic(folder(regs), "submit", effects, { source, regSource: null });
  expect(said).toHaveLength(1);
  sayWhatBecomesPublic(folder("none"), "commit", effects, { source, regSource: null });
  expect(said).toHaveLength(2);
});
