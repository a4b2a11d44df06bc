/** @file Loads the source of a custom architecture or regularizer as a module that can import `rademark/network` alone. */

import { registerHooks, stripTypeScriptTypes } from "node:module";
import { Script } from "node:vm";
import { TapNames } from "../../record/architecture.ts";
import { UserError } from "../errors.ts";
import type { BuildTrunk, ExtraLoss } from "../model/network-exports.ts";
import { customError, withoutChance } from "./custom-call.ts";

/** A source text, and what its author calls its file. */
export interface NamedSource {
  file: string;
  text: string;
}

/** A loaded module. */
export interface CustomModule<F> {
  /** In messages. */
  file: string;
  /** By which its frames are found in a stack. */
  url: string;
  call: F;
}

export interface ArchitectureModule extends CustomModule<BuildTrunk> {
  /** As declared. */
  taps: string[];
}

/** @throws UserError naming the file, and the line where there is one. */
export async function loadArchitecture(source: NamedSource): Promise<ArchitectureModule> {
  const { url, exports } = await load(source);
  const call = defaultExport<BuildTrunk>(source.file, exports);
  const taps = TapNames.safeParse(exports.taps);
  if (taps.success) return { file: source.file, url, call, taps: taps.data };
  const example = `export const taps = ["block 1", "block 2"];`;
  if (exports.taps === undefined)
    throw new UserError(
      `${source.file}: it declares no taps. Name them in order of depth: ${example} A regularizer goes to --reg.`,
    );
  const [{ path, message }] = taps.error.issues as [(typeof taps.error.issues)[0]];
  const place = path.length > 0 ? `taps[${path.join("][")}]` : "taps";
  throw new UserError(`${source.file}: ${place}: ${message}. Write for example: ${example}`);
}

/** @throws UserError as above. */
export async function loadRegularizer(source: NamedSource): Promise<CustomModule<ExtraLoss>> {
  const { url, exports } = await load(source);
  if (exports.taps !== undefined)
    throw new UserError(`${source.file}: it exports taps, so it is an architecture: --arch.`);
  return { file: source.file, url, call: defaultExport<ExtraLoss>(source.file, exports) };
}

function defaultExport<F>(file: string, exports: Record<string, unknown>): F {
  const made = exports.default;
  if (typeof made === "function") return made as F;
  throw new UserError(
    made === undefined
      ? `${file}: it has no default export. Write: export default function (...) { ... }`
      : `${file}: its default export is ${typeof made}, not a function.`,
  );
}

const SCHEME = "rademark-code:";
export const NETWORK_MODULE = "rademark/network";

/** Sources by the address of their module: each loading is a module of its own, so that none keeps anything for the next. */
const sources = new Map<string, NamedSource>();
let isHooked = false;

async function load(source: NamedSource) {
  hook();
  const url = `${SCHEME}${sources.size}/${encodeURIComponent(source.file)}`;
  sources.set(url, source);
  try {
    const exports = await withoutChance({ ...source, url }, async () => {
      return (await import(url)) as Record<string, unknown>;
    });
    return { url, exports };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw customError({ ...source, url }, "while it was loaded", located(error, source));
  }
}

/** From now on our addresses are those of sources, whatever lies on the disk, and their imports are looked at. */
function hook(): void {
  if (isHooked) return;
  isHooked = true;
  registerHooks({
    resolve(wanted, context, next) {
      const importer = sources.get(context.parentURL ?? "");
      if (importer) {
        if (wanted !== NETWORK_MODULE) throw refusedImport(wanted, importer);
        const own = new URL("../model/network-exports.ts", import.meta.url).href;
        return { url: own, format: "module-typescript", shortCircuit: true };
      }
      return sources.has(wanted) ? { url: wanted, shortCircuit: true } : next(wanted, context);
    },
    load(url, context, next) {
      const source = sources.get(url);
      if (!source) return next(url, context);
      return { format: "module-typescript", source: source.text, shortCircuit: true };
    },
  });
}

function refusedImport(wanted: string, { file, text }: NamedSource): UserError {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => /import|from/.test(line) && line.includes(wanted));
  const place = at < 0 ? file : `${file}:${at + 1}`;
  return new UserError(
    `${place}: it imports "${wanted}". A file of one's own is complete in itself: it can import "${NETWORK_MODULE}" alone.`,
  );
}

/** V8 names no line for an error that it finds after parsing, such as a name declared twice, but it does in a script. */
function located(error: unknown, { text }: NamedSource): unknown {
  if (!(error instanceof SyntaxError) || (error.stack ?? "").includes(SCHEME)) return error;
  const script = stripTypeScriptTypes(text)
    .replace(/^import\b[^;]*?["'][^"']*["'];?/gm, (found) => found.replace(/[^\n]/g, " "))
    .replace(/^export default\b/gm, "void ")
    .replace(/^export\b/gm, "");
  try {
    new Script(`(async()=>{${script}\n})`, { filename: `${SCHEME}script` });
  } catch (again) {
    const [, line] = /^rademark-code:script:(\d+)/.exec((again as Error).stack ?? "") ?? [];
    if (line && (again as Error).message === error.message)
      return Object.assign(error, { line: Number(line) });
  }
  return error;
}
