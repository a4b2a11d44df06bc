import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, afterAll, beforeAll } from "vitest";
import {
  readCheckpoint,
  restoreCheckpoint,
  writeCheckpoint,
} from "../../harness/engine/session-checkpoint.ts";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { Program, type Session } from "../../harness/engine/program.ts";
import { recordProgram } from "../../harness/engine/recorded-session.ts";
import {
  parseSafetensors,
  safetensorsParts,
  type Stored,
} from "../../harness/engine/safetensors.ts";
import { UserError } from "../../harness/errors.ts";

/** Written by Python's safetensors 0.8.0: a [2,2] F32, b [2] I32, c [3] U8, d [1] F64. */
const PYTHON = Buffer.from(
  "CAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJtYWtlciI6InNhZmV0ZW5zb3JzIDAuOC4wIn0sImQiOnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6WzFdLCJk" +
    "YXRhX29mZnNldHMiOlswLDhdfSwiYSI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMiwyXSwiZGF0YV9vZmZzZXRzIjpbOCwyNF19LCJiIjp7ImR0eXBl" +
    "IjoiSTMyIiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbMjQsMzJdfSwiYyI6eyJkdHlwZSI6IlU4Iiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRz" +
    "IjpbMzIsMzVdfX1VVVVVVVXVPwAAwD8AAADAAACAPgAAQEAHAAAA+P///wEC/w==",
  "base64",
);

const CONTENT: Stored = {
  metadata: { maker: "safetensors 0.8.0" },
  tensors: [
    { name: "d", shape: [1], values: Float64Array.of(1 / 3) },
    { name: "a", shape: [2, 2], values: Float32Array.of(1.5, -2, 0.25, 3) },
    { name: "b", shape: [2], values: Int32Array.of(7, -8) },
    { name: "c", shape: [3], values: Uint8Array.of(1, 2, 255) },
  ],
};

const write = (stored: Stored) => Buffer.concat(safetensorsParts(stored));

test("a file of Python's is read as it was written", () => {
  expect(parseSafetensors(PYTHON)).toEqual(CONTENT);
});

test("the same content is written to the same bytes as Python writes", () => {
  expect(write(CONTENT).equals(PYTHON)).toBe(true);
});

test("tensors begin at multiples of eight bytes whatever their names and order", () => {
  const tensors = ["x", "quite-a-long/name", "ä"].map((name, i) => ({
    name,
    shape: [3 - i],
    values: i === 0 ? Uint8Array.of(1, 2, 3) : new Float32Array(3 - i),
  }));
  const file = write({ tensors, metadata: { note: "größe" } });
  expect((8 + Number(file.readBigUInt64LE(0))) % 8).toBe(0);
  const { tensors: read } = parseSafetensors(file);
  expect(new Map(read.map((t) => [t.name, t]))).toEqual(new Map(tensors.map((t) => [t.name, t])));
});

test("no tensors at all are a file too", () => {
  const empty: Stored = { tensors: [], metadata: {} };
  expect(parseSafetensors(write(empty))).toEqual(empty);
});

describe("a damaged file is refused", () => {
  test("at whatever byte it was cut off", () => {
    for (let length = 0; length < PYTHON.length; length++)
      expect(() => parseSafetensors(PYTHON.subarray(0, length)), `${length} bytes`).toThrow();
  });

  const header = (change: (text: string) => string) => {
    const end = 8 + Number(PYTHON.readBigUInt64LE(0));
    const text = Buffer.from(change(PYTHON.toString("utf8", 8, end)));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, text, PYTHON.subarray(end)]);
  };

  test.each<[string, Buffer, RegExp]>([
    ["longer than its tensors", Buffer.concat([PYTHON, Buffer.alloc(3)]), /3 bytes too many/],
    ["shorter by a byte", PYTHON.subarray(0, -1), /last 1 bytes are missing/],
    ["not safetensors", Buffer.from("\x89PNG\r\n\x1a\n and more than that"), /header's length/],
    ["with an unknown type", header((t) => t.replace("U8", "F8")), /c holds F8; F64, F32, I32, U8/],
    [
      "with an impossible shape",
      header((t) => t.replace('"shape":[3]', '"shape":[4]')),
      /c should have 4 bytes, has 3/,
    ],
    [
      "with a negative size",
      header((t) => t.replace('"shape":[3]', '"shape":[-3]')),
      /entry c is damaged/,
    ],
    ["with overlapping tensors", header((t) => t.replace("[24,32]", "[16,24]")), /does not begin/],
    [
      "with metadata that is no text",
      header((t) => t.replace('"safetensors 0.8.0"', "[8]")),
      /metadata maker/,
    ],
    ["with a header that is no JSON", header((t) => t.replace("{", "[")), /JSON/],
    ["with a header that is no object", header(() => "null"), /header/],
  ])("when it is %s", (_, file, message) => {
    expect(() => parseSafetensors(file)).toThrow(message);
  });
});

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
