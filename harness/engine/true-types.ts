/**
 * @file Corrects the element types that tfjs writes into its operations.
 *
 * tfjs knows float32, int32 and bool, and shows every other type as one of them: uint8 as int32, float64 as float32.
 * So the type attributes it writes are wrong for such tensors. In eager execution TensorFlow mostly goes by the inputs
 * and does not mind, but a recorded node would not load; nor would an ExpandDims, whose type tfjs leaves out. Here the
 * attributes are corrected, or the operation is refused by name.
 */

import {
  DTYPE,
  type DType,
  type NativeAttribute,
  type Tensor,
  backend,
  binding,
  dtypeOf,
} from "./tensorflow.ts";

interface Typed {
  /** The attribute that names the type. */
  attribute: string;
  /** The inputs that are of this type. */
  inputs: (inputs: readonly Tensor[]) => readonly Tensor[];
}

const first: Typed["inputs"] = (inputs) => inputs.slice(0, 1);
const firstTwo: Typed["inputs"] = (inputs) => inputs.slice(0, 2);
const all: Typed["inputs"] = (inputs) => inputs;

const same = (names: string, attribute: string, inputs: Typed["inputs"]) =>
  names.split(" ").map((name): [string, Typed] => [name, { attribute, inputs }]);

/** From TensorFlow's definitions of the operations; the type of an operation missing here is never guessed. */
const TYPED = new Map<string, Typed>([
  ...same("Slice StridedSlice Reshape Transpose Tile ReverseV2 Unpack SplitV Identity", "T", first),
  ...same("ExpandDims Squeeze BroadcastTo MirrorPad DepthToSpace Cumsum Cumprod", "T", first),
  ...same("ResizeBilinear ResizeNearestNeighbor", "T", first),
  ...same("ZerosLike OnesLike Sum Prod Mean Max Min ArgMax ArgMin", "T", first),
  ...same("Neg Abs Square Sqrt Rsqrt Exp Log Floor Sign Tanh Relu", "T", first),
  ...same("Add AddV2 Sub Mul RealDiv FloorDiv Maximum Minimum", "T", firstTwo),
  ...same("SquaredDifference Pow FloorMod MatMul BatchMatMulV2", "T", firstTwo),
  ...same("Equal NotEqual Less LessEqual Greater GreaterEqual", "T", firstTwo),
  ...same("Pack AddN", "T", all),
  ...same("ConcatV2", "T", (inputs) => inputs.slice(0, -1)),
  ...same("PadV2", "T", (inputs) => [inputs[0]!, inputs[2]!]),
  ...same("Split", "T", (inputs) => inputs.slice(1, 2)),
  ...same("Select SelectV2", "T", (inputs) => inputs.slice(1, 3)),
  ...same("Cast", "SrcT", first),
  ...same("GatherV2 GatherNd", "Tparams", first),
  ...same("OneHot", "TI", first),
]);

const KNOWN: ReadonlySet<DType> = new Set(["float32", "int32", "bool"]);

/**
 * The attributes with the types that the inputs really have.
 *
 * @param isOurs whether our own code wrote the attributes: it may use any operation, but a wrong type is an error.
 * @throws Error naming the operation and the types, when its node could not be loaded.
 */
export function trueTypes(
  op: string,
  attributes: NativeAttribute[],
  inputs: readonly Tensor[],
  isOurs: boolean,
): NativeAttribute[] {
  const types = inputs.map(dtypeOf);
  const isForeign = types.some((type) => !KNOWN.has(type));
  const typed = TYPED.get(op);
  if (!typed) {
    if (isForeign && !isOurs) throw refused(op, types, "tfjs has no such element type");
    return attributes;
  }
  const own = [...new Set(typed.inputs(inputs).map(dtypeOf))];
  if (own.length > 1) throw refused(op, types, "its inputs must have one element type");
  const type = DTYPE[own[0]!];
  const { attribute } = typed;
  const given = attributes.find(({ name }) => name === attribute);
  if (given?.value === type) return attributes;
  if (isOurs) throw refused(op, types, `its ${attribute} names another element type`);
  const corrected = { name: attribute, type: binding.TF_ATTR_TYPE, value: type };
  return [...attributes.filter((each) => each !== given), corrected];
}

/** Runs `body` with the types of tfjs's operations corrected, but without recording. */
export function withTrueTypes<T>(body: () => T): T {
  const { executeSingleOutput, executeMultipleOutputs } = backend;
  backend.executeSingleOutput = (op, attributes, inputs) =>
    executeSingleOutput.call(backend, op, trueTypes(op, attributes, inputs, false), inputs);
  backend.executeMultipleOutputs = (op, attributes, inputs, count) =>
    executeMultipleOutputs.call(
      backend,
      op,
      trueTypes(op, attributes, inputs, false),
      inputs,
      count,
    );
  try {
    return body();
  } finally {
    Object.assign(backend, { executeSingleOutput, executeMultipleOutputs });
  }
}

function refused(op: string, types: readonly DType[], why: string): Error {
  const given = types.join(", ");
  return new Error(`${op} was given ${given}: ${why}. Convert it first, with op("Cast", ...).`);
}
