import { expect, test } from "vitest";
import { jsonSchemas } from "../../../record/answers/json-schemas.ts";

/** Every schema of an object, at whatever depth. */
function objects(schema: unknown): Record<string, unknown>[] {
  if (typeof schema !== "object" || schema === null) return [];
  const inner = Object.values(schema).flatMap(objects);
  return "properties" in schema ? [schema, ...inner] : inner;
}

test("the served schemas are closed, but for the refusal's, with every member required", () => {
  const schemas = jsonSchemas();
  expect(Object.keys(schemas)).toEqual(
    expect.arrayContaining([
      ...["protocol", "run", "result", "commitment", "reproduction", "moderation"],
      ...["board-page", "entry", "entry-file", "challenge-document", "key-document"],
      ...["comparison", "measures", "problem"],
    ]),
  );
  for (const [name, schema] of Object.entries(schemas)) {
    expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
    const found = objects(schema);
    expect(found.length, name).toBeGreaterThan(0);
    for (const { properties, required, additionalProperties } of found) {
      expect(additionalProperties, name).toBe(name === "problem" ? undefined : false);
      expect(required, name).toEqual(Object.keys(properties as object));
    }
  }
});
