/** @file Two-dimensional convolution, NHWC. */

import { op, type Attributes } from "../op.ts";
import { tf, type Tensor } from "../tensorflow.ts";
import { fused } from "./gradient.ts";

/** x [B, H, W, I], filter [K, K, I, O] -> [B, H/stride, W/stride, O], zero padding as TensorFlow's SAME. */
export function conv2d(x: Tensor, filter: Tensor, stride = 1, padding = "SAME"): Tensor {
  const attributes: Attributes = {
    T: { type: "float32" },
    strides: { ints: [1, stride, stride, 1] },
    padding: { string: padding },
    data_format: { string: "NHWC" },
    dilations: { ints: [1, 1, 1, 1] },
    use_cudnn_on_gpu: { bool: true },
  };
  return fused([x, filter], ([x, w], save) => {
    save([x!, w!]);
    const [xShape, wShape] = [x!.shape, w!.shape];
    return {
      value: op("Conv2D", [x!, w!], attributes),
      gradient: (dy, [x, w]) => [
        op("Conv2DBackpropInput", [tf.tensor1d(xShape, "int32"), w!, dy], attributes),
        op("Conv2DBackpropFilter", [x!, tf.tensor1d(wShape, "int32"), dy], attributes),
      ],
    };
  });
}
