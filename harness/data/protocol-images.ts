/** @file Opens the image folder that a protocol trains on and checks it against the protocol. No image is opened. */

import { splitSizes } from "../../record/datasets.ts";
import type { Protocol } from "../../record/protocols.ts";
import { UserError } from "../errors.ts";
import { type ImageFolder, openImageFolder } from "./image-folder.ts";
import type { ImageView } from "./image-batches.ts";

/** The environment variable with the path of the ImageNet folder. */
export const IMAGENET_VARIABLE = "RADEMARK_IMAGENET";

/** @throws UserError when there is no folder, or it does not fit the protocol. */
export async function openProtocolImages(
  protocol: Protocol,
  root: string | undefined,
): Promise<ImageFolder> {
  if (!root)
    throw new UserError(
      `${protocol.name} reads ImageNet from a folder with train/CLASS/*.JPEG and val/CLASS/*.JPEG. ` +
        `Set ${IMAGENET_VARIABLE} to it.`,
    );
  const folder = await openImageFolder(root);
  const { classes, batch, name, subset } = protocol;
  const found = folder.classes.length;
  if (found !== classes)
    throw new UserError(
      `${root}: ${name} has ${count(classes)} classes, one folder each; found ${count(found)} ` +
        `(${folder.classes.slice(0, 3).join(", ")}${found > 3 ? ", ..." : ""}). ` +
        `Set ${IMAGENET_VARIABLE} to the folder of the whole data set.`,
    );
  if (subset === null && folder.train.length < batch)
    throw new UserError(
      `${root}: ${name} trains on batches of ${count(batch)} images; found ${count(folder.train.length)} ` +
        `in train. Add images, or --set batch=${folder.train.length} or less.`,
    );
  return folder;
}

/** Number of images that a protocol trains and tests on; those of an image folder are counted. */
export async function sampleCounts(
  protocol: Protocol,
  root: string | undefined,
): Promise<{ train: number; test: number }> {
  const { dataset, subset, classes } = protocol;
  const { trainSamples, testSamples } = splitSizes(dataset);
  const folder = dataset === "imagenet" ? await openProtocolImages(protocol, root) : null;
  const whole = {
    train: folder?.train.length ?? trainSamples,
    test: folder?.val.length ?? testSamples,
  };
  return subset ? { ...whole, train: subset.perClass * classes } : whole;
}

const count = (number: number) => number.toLocaleString("en-US");

/** @throws UserError when the protocol's view or augmentation does not work with image folders. */
export function protocolView({ name, image, view, augmentation }: Protocol): ImageView {
  const needs = (field: string, value: string) =>
    new UserError(
      `${name}: images from a folder need ${value}. Add --set ${field}=${value}, or a protocol.json.`,
    );
  if (view.kind !== "center-crop") throw needs("view", '{"kind":"center-crop","shorterSide":256}');
  if (augmentation.kind !== "flip-resized-crop")
    throw needs(
      "augmentation",
      '{"kind":"flip-resized-crop","flip":0.5,"area":[0.08,1],"aspect":[0.75,1.3333333333333333]}',
    );
  const { height, width, channels } = image;
  if (channels !== 3)
    throw new UserError(
      `${name}: images are read from a folder in RGB, grey ones too: 3 channels; found ${channels}. ` +
        "Add --set image.channels=3, or begin with a protocol that keeps images in memory, such as --protocol micro-1.",
    );
  const { shorterSide } = view;
  if (shorterSide < Math.max(height, width))
    throw needs("view.shorterSide", `${Math.max(height, width)}`);
  const { flip, area, aspect } = augmentation;
  return { height, width, shorterSide, flip, area, aspect };
}
