/** @file How the network is trained. */

import type { Protocol } from "../../../record/protocols.ts";
import { count, plural } from "../numbers.ts";
import { type ProtocolField, field } from "./field.ts";
import { write } from "./write.ts";

export function trainingFields(protocol: Protocol): ProtocolField[] {
  const { learningRate, clipNorm, recipe, initialization, batchNorm, layerNorm } = protocol;
  return [
    field(
      "epochs",
      count(protocol.epochs),
      "Passes over the training images; there is no early stopping.",
    ),
    field(
      "batch",
      count(protocol.batch),
      "Images in a step. A last partial batch is dropped in training.",
    ),
    field("optimizer", write.optimizer(protocol.optimizer), "Of trunk and class head."),
    field("learningRate.peak", write.text(learningRate.peak), "Highest learning rate."),
    field(
      "learningRate.rampEpochs",
      plural(learningRate.rampEpochs, "epoch"),
      "Linear rise to the peak, step by step.",
    ),
    field(
      "learningRate.decay",
      learningRate.decay,
      "Half a cosine over the whole training, down to zero; it multiplies the rise.",
    ),
    field(
      "clipNorm",
      clipNorm === null ? "not clipped" : write.text(clipNorm),
      "Largest joint norm of the gradients of trunk and class head.",
    ),
    field(
      "recipe",
      recipe === null ? "not allowed here" : write.recipe(recipe),
      "What the regularizer recipe stands for.",
    ),
    field("initialization.dense", initialization.dense, "Weights of dense layers at the start."),
    field("initialization.convolution", initialization.convolution, "Weights of convolutions."),
    field(
      "initialization.residualConvolution",
      initialization.residualConvolution,
      "Weights of convolutions in residual networks.",
    ),
    field("initialization.bias", initialization.bias, "Every bias."),
    field(
      "initialization.classHead",
      initialization.classHead,
      "Weights of the class head on D features.",
    ),
    field(
      "initialization.randomLabelHead",
      initialization.randomLabelHead,
      "Weights of the random-label heads: before training they guess.",
    ),
    field(
      "batchNorm",
      `momentum ${batchNorm.momentum}, ε ${batchNorm.epsilon}`,
      "Share of each batch in the running statistics, and what keeps a variance from zero.",
    ),
    field("layerNorm", `ε ${layerNorm.epsilon}`, "The same for LayerNorm."),
  ];
}
