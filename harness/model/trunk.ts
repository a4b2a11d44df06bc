/** @file From an architecture's name to the network below its class head. */

import type { Architecture } from "../../record/architecture.ts";
import { cnn } from "./cnn.ts";
import { mixer, MIXER_SIZES } from "./mixer.ts";
import { mlp } from "./mlp.ts";
import type { ImageShape, Network, Trunk } from "./network.ts";
import { resnet, RESNET_SHAPES } from "./resnet.ts";
import { vgg, VGG_11 } from "./vgg.ts";
import { vit, VIT_SIZES } from "./vit.ts";
import { wrn } from "./wrn.ts";

/**
 * Registers the parameters of a trunk; its taps are those of `tapNames` (record/architecture.ts), in that order.
 *
 * @param dropout probability of dropping, 0 for none; where it acts is the table of method.md section 2.
 * @throws UserError when the image does not divide into the patches the name asks for.
 */
export function buildTrunk(
  net: Network,
  architecture: Architecture,
  image: ImageShape,
  dropout: number,
): Trunk {
  switch (architecture.family) {
    case "mlp":
      return mlp(net, image, architecture.width, dropout);
    case "cnn":
      return cnn(net, image, architecture.channels, dropout);
    case "vgg":
      return vgg(net, image, VGG_11, dropout);
    case "resnet":
      return resnet(net, image, RESNET_SHAPES[architecture.depth], dropout);
    case "wrn":
      return wrn(net, image, architecture, dropout);
    case "vit":
      return vit(
        net,
        image,
        { ...VIT_SIZES[architecture.size], patch: architecture.patch },
        dropout,
      );
    case "mixer":
      return mixer(
        net,
        image,
        { ...MIXER_SIZES[architecture.size], patch: architecture.patch },
        dropout,
      );
  }
}
