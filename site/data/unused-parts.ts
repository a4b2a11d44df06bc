/** @file What the chart library imports and no picture of this site asks for: left out of what browsers are sent. */

import type { AstroUserConfig } from "astro";

type Plugins = NonNullable<NonNullable<AstroUserConfig["vite"]>["plugins"]>[number];
type Plugin = Extract<Plugins, { name: string }>;

/** Maps, colour schemes, dates, legends and what follows the pointer: a third of the library's code. */
const UNUSED =
  /\/node_modules\/(d3-(geo|scale-chromatic|time|time-format|axis)\/|@observablehq\/plot\/src\/(legends\/|marks\/tip\.js|interactions\/pointer\.js))/;

/** Called once while the library is loaded: it does nothing, where all others throw. */
const CALLED_AT_LOAD = "geoTransform";

/** In the place of each part stands one function under all of its names; a name that is missing fails the build. */
export function withoutUnusedParts(): Plugin {
  return {
    name: "rademark:unused-parts",
    applyToEnvironment: ({ name }) => name === "client",
    transform: {
      filter: { id: UNUSED },
      handler(code, id) {
        const names = (this.parse(code).body as Statement[]).flatMap(exportedNames);
        return { code: standIns(names, id.slice(id.lastIndexOf("/") + 1)), map: null };
      },
    },
  };
}

function standIns(names: readonly string[], file: string): string {
  const stand = (name: string) => `${name === CALLED_AT_LOAD ? "idle" : "unused"} as ${name}`;
  return `
    function unused() { throw new Error("${file} is left out: unused-parts.ts"); }
    function idle() {}
    export { ${names.map(stand).join(", ")} };`;
}

/** Of ESTree, what is read here. */
interface Identifier {
  type: string;
  name?: string;
}
interface Statement {
  type: string;
  declaration?: { id?: Identifier; declarations?: { id: Identifier }[] } | null;
  specifiers?: { exported: Identifier }[];
}

function exportedNames({ type, declaration, specifiers = [] }: Statement): string[] {
  if (type !== "ExportNamedDeclaration") return [];
  if (!declaration) return specifiers.map(({ exported }) => nameOf(exported));
  const { id, declarations = [{ id: id! }] } = declaration;
  return declarations.map(({ id }) => nameOf(id));
}

function nameOf({ type, name }: Identifier): string {
  if (name === undefined) throw new Error(`unused-parts.ts reads no ${type}`);
  return name;
}
