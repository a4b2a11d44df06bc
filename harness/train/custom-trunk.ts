/** @file A trunk from a researcher's own file, held to what it declares (method.md section 6). */

import { UserError } from "../errors.ts";
import { type Tensor, dtypeOf } from "../engine/tensorflow.ts";
import type { Parameter, Trunk } from "../model/network.ts";
import { callToBuild, callToCompute, isTensor } from "./custom-call.ts";
import type { ArchitectureModule } from "./custom-module.ts";
import type { OwnParts } from "./plan.ts";

/** Ends of names that belong to optimizers and heads. */
const RESERVED = /(^class-head(\/|$))|(\/(velocity|first-moment|second-moment)$)/;

/**
 * What registers the parameters of the trunk; like the trunk's own function, it throws UserErrors that name file and line.
 *
 * @param taps as config.json has them: the same as the file declares.
 */
export function customTrunk(
  module: ArchitectureModule,
  taps: readonly string[],
): NonNullable<OwnParts["trunk"]> {
  const { file } = module;
  if (taps.join() !== module.taps.join())
    throw new UserError(
      `${file}: its taps are ${module.taps.join(", ")}, but config.json says ${taps.join(", ")}.`,
    );
  return (net, image, dropout) => {
    let isRead = false;
    const options = {
      get dropout() {
        isRead = true;
        return dropout;
      },
    };
    const before = net.parameters.length;
    const size = () => net.parameters.length + net.statistics.length + net.states.length;
    const what = `while it built its trunk for images of ${image.height} x ${image.width} x ${image.channels}`;
    const made = callToBuild(module, what, () => module.call(net, image, options));
    const trunk = requireTrunk(made, module);
    for (const parameter of net.parameters.slice(before)) requireParameter(parameter, file);
    return {
      tapWidths: trunk.tapWidths,
      forward(images, pass) {
        const known = size();
        const when = `in its forward pass in ${pass.training ? "training" : "evaluation"}`;
        const z = callToCompute(module, when, () => trunk.forward(images, pass));
        requireTaps(z, images.shape[0], trunk.tapWidths, module);
        // The class head's parameters come after the trunk is built, but before any forward pass.
        if (size() > known)
          throw new UserError(
            `${file}: its forward pass makes a parameter or a layer with one. ` +
              "Make all parameters while the trunk is built.",
          );
        if (dropout > 0 && !isRead)
          throw new UserError(
            `${file}: dropout=${dropout} was asked for, but it never reads options.dropout. ` +
              "Take (net, image, { dropout }) and use dropoutLayer(dropout), or leave dropout= out.",
          );
        return z;
      },
    };
  };
}

function requireTrunk(made: unknown, { file, taps }: ArchitectureModule): Trunk {
  const { tapWidths, forward } = (made ?? {}) as Partial<Trunk>;
  const rules: [holds: boolean, rule: string][] = [
    [
      typeof forward === "function" && Array.isArray(tapWidths),
      "its function must return { tapWidths, forward(images, pass) }",
    ],
    [
      !!tapWidths?.every((width) => Number.isInteger(width) && width > 0),
      `tapWidths must be whole numbers above 0, and are ${String(tapWidths)}`,
    ],
    [
      tapWidths?.length === taps.length,
      `it declares ${count(taps.length, "tap")} (${taps.join(", ")}), but tapWidths has ${tapWidths?.length}`,
    ],
  ];
  const broken = rules.find(([holds]) => !holds);
  if (broken) throw new UserError(`${file}: ${broken[1]}.`);
  return made as Trunk;
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;

function requireParameter({ variable, initial }: Parameter, file: string): void {
  const own = variable.name.replace(/^trunk\//, "");
  const { shape } = variable;
  const start = "deviation" in initial ? initial.deviation : initial.value;
  if (!Number.isFinite(start))
    throw new UserError(
      `${file}: parameter "${own}" starts as ${JSON.stringify(initial)}: write { deviation: 0.1 } for normal values, or { value: 0 }.`,
    );
  if (!shape.every((size) => Number.isInteger(size) && size > 0))
    throw new UserError(
      `${file}: parameter "${own}" has shape [${shape.join(", ")}]: whole numbers above 0.`,
    );
  if (RESERVED.test(own))
    throw new UserError(
      `${file}: parameter "${own}" has a name that the class head or the optimizer uses. Give it another one.`,
    );
}

/** Taps are float32 [B, D_t]. */
function requireTaps(
  z: unknown,
  batch: number,
  widths: readonly number[],
  { file, taps }: ArchitectureModule,
): void {
  if (!Array.isArray(z) || z.length !== taps.length)
    throw new UserError(
      `${file}: forward must return an array of ${count(taps.length, "tensor")}, one for each of ${taps.join(", ")}, ` +
        `and returned ${Array.isArray(z) ? count(z.length, "item") : typeof z}.`,
    );
  for (const [i, tap] of z.entries()) {
    const name = `${file}: tap "${taps[i]}"`;
    if (!isTensor(tap)) throw new UserError(`${name} is no tensor.`);
    requireShape(tap, [batch, widths[i]!], name);
    if (dtypeOf(tap) !== "float32")
      throw new UserError(`${name} is ${dtypeOf(tap)}, not float32: tf.cast(x, "float32").`);
  }
}

function requireShape({ shape }: Tensor, [batch, width]: [number, number], name: string): void {
  if (shape.length === 2 && shape[0] === batch && shape[1] === width) return;
  const cure = shape.length > 2 ? " A mean over positions has this shape: globalMean(x)." : "";
  throw new UserError(
    `${name} is [${shape.join(", ")}], not [B, D] = [${batch}, ${width}].${cure}`,
  );
}
