import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  readCheckpoint,
  restoreCheckpoint,
  writeCheckpoint,
} from "../../harness/engine/checkpoint.ts";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { Program, type Session } from "../../harness/engine/program.ts";
import { recordProgram } from "../../harness/engine/recorded-session.ts";
import { safetensorsParts } from "../../harness/engine/safetensors.ts";
import { UserError } from "../../harness/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "rademark-checkpoint-"));
const path = join(folder, "checkpoint.safetensors");
afterAll(() => rmSync(folder, { recursive: true }));

function program(shape = [2, 3]) {
  const program = new Program();
  const variables = [
    program.variable("trunk/weights", shape),
    program.variable("count", [], "int32"),
    program.variable("pixels", [-1, 2], "uint8"),
  ];
  return { program, variables };
}

const VALUES = [
  Float32Array.of(1.5, -0, 1e-38, NaN, Infinity, 1 / 3),
  Int32Array.of(-7),
  Uint8Array.of(0, 255, 3, 4, 5, 6),
] as const;

function written(make: (program: Program) => Session) {
  const { program: p, variables } = program();
  const session = make(p);
  session.writeAll([
    [variables[0]!, VALUES[0]],
    [variables[1]!, VALUES[1]],
    [variables[2]!, VALUES[2], [3, 2]],
  ]);
  writeCheckpoint(path, session, variables, { epoch: "3", seed: "1" });
  session.close();
}

describe.each([
  ["recorded", recordProgram],
  ["eager", runEagerly],
])("a checkpoint of a %s session", (_, make) => {
  test("gives another session the same variables, to the bit, and the texts back", () => {
    written(make);
    const checkpoint = readCheckpoint(path);
    expect(checkpoint.metadata).toEqual({ epoch: "3", seed: "1" });
    const { program: p, variables } = program();
    const session = make(p);
    restoreCheckpoint(session, variables, checkpoint);
    expect(session.read(variables)).toEqual([...VALUES]);
    session.close();
    expect(readdirSync(folder)).toEqual(["checkpoint.safetensors"]);
  });
});

describe("a checkpoint that cannot be used is refused with a sentence", () => {
  let whole: Buffer;
  beforeAll(() => {
    written(runEagerly);
    whole = readFileSync(path);
  });
  const refusal = (file: Buffer) => {
    writeFileSync(path, file);
    try {
      return readCheckpoint(path) && "read";
    } catch (error) {
      return error instanceof UserError ? error.message : `a bug: ${String(error)}`;
    }
  };

  test("when any one byte of it changed", () => {
    for (const at of whole.keys()) {
      const message = refusal(Buffer.from(whole.with(at, whole[at]! ^ 1)));
      expect(message, `byte ${at}`).toMatch(/is damaged|not a checkpoint/);
    }
  });

  test("when it was cut off", () => {
    for (const length of [0, 5, 8, 100, whole.length - 1])
      expect(refusal(whole.subarray(0, length))).toMatch(/is damaged: .+Delete it/);
  });

  test("when it is another program's safetensors file", () => {
    const foreign = safetensorsParts({ tensors: [], metadata: { format: "pt" } });
    expect(refusal(Buffer.concat(foreign))).toMatch(/not a checkpoint of rademark/);
  });

  test("when it is not there", () => {
    expect(() => readCheckpoint(join(folder, "none"))).toThrow(/no such checkpoint/);
  });

  test("when the network has other variables or shapes", () => {
    writeFileSync(path, whole);
    const checkpoint = readCheckpoint(path);
    const { program: p, variables } = program([3, 2]);
    const session = runEagerly(p);
    const restore = (chosen: typeof variables) => () =>
      restoreCheckpoint(session, chosen, checkpoint);
    expect(restore(variables)).toThrow(/trunk\/weights is \[2, 3\], not \[3, 2\]/);
    expect(restore(variables.slice(0, 2))).toThrow(/holds pixels, which/);
    expect(restore([...variables, p.variable("more", [1])])).toThrow(/lacks more|trunk/);
    session.close();
  });
});
