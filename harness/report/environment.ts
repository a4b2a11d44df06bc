/** @file Reads env.json. A report without it is still a report: the machine is then unknown. */

import { join } from "node:path";
import { z } from "zod";
import { schemaProblems } from "../../record/problem.ts";
import { EXIT, UserError } from "../errors.ts";
import { readJson } from "../files.ts";
import type { Environment } from "../sweep/environment.ts";

const Document: z.ZodType<Environment> = z.object({
  at: z.string(),
  harness: z.string(),
  git: z.object({ commit: z.string(), dirty: z.boolean() }).nullable(),
  node: z.string(),
  tensorflow: z.string().nullable(),
  numerics: z
    .object({ deterministic: z.boolean(), precision: z.enum(["float32", "tf32"]) })
    .nullable()
    .default(null),
  os: z.string(),
  cpu: z.string(),
  cores: z.number(),
  memoryBytes: z.number(),
  gpus: z.array(
    z.object({ name: z.string(), driver: z.string(), memoryMebibytes: z.number().catch(0) }),
  ),
});

/** @throws UserError when the file is there but damaged. */
export function readEnvironment(folder: string): Environment | null {
  const path = join(folder, "env.json");
  const document = readJson(path);
  if (document === null) return null;
  const parsed = Document.safeParse(document);
  if (parsed.success) return parsed.data;
  const problems = schemaProblems(parsed.error).map((problem) => `  ${problem}`);
  throw new UserError([`${path} is damaged:`, ...problems].join("\n"), EXIT.verification);
}
