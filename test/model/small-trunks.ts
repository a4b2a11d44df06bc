/** @file Every architecture, small enough to be run operation by operation in a test. */

import type { Session } from "../../harness/engine/program.ts";
import { cnn, mlp, vgg } from "../../harness/model/trunk.ts";
import { mixer } from "../../harness/model/mixer.ts";
import type { ImageShape, Network, Trunk } from "../../harness/model/network.ts";
import { resnet } from "../../harness/model/resnet.ts";
import { vit } from "../../harness/model/vit.ts";
import { wrn } from "../../harness/model/wrn.ts";

export const IMAGE: ImageShape = { height: 8, width: 8, channels: 3 };
export const BATCH = 4;

type Build = (net: Network, dropout: number) => Trunk;

export const SMALL_TRUNKS: readonly (readonly [name: string, build: Build])[] = [
  ["mlp", (net, dropout) => mlp(net, IMAGE, 10, dropout)],
  ["cnn", (net, dropout) => cnn(net, IMAGE, 4, dropout)],
  ["vgg", (net, dropout) => vgg(net, IMAGE, [[4], [6, 6], [8]], dropout)],
  ["resnet", (net, dropout) => resnet(net, IMAGE, { widths: [4, 6, 8], blocks: 2 }, dropout)],
  ["wrn", (net, dropout) => wrn(net, IMAGE, { depth: 10, widen: 1 }, dropout)],
  ["vit", (net, dropout) => vit(net, IMAGE, { patch: 2, width: 12, depth: 4, heads: 3 }, dropout)],
  [
    "mixer",
    (net, dropout) =>
      mixer(
        net,
        IMAGE,
        { patch: 2, width: 12, depth: 4, tokenHidden: 6, channelHidden: 20 },
        dropout,
      ),
  ],
];

/** Smooth numbers without a pattern, of about unit size. */
export const wave = (length: number, salt: number): Float32Array =>
  Float32Array.from(
    { length },
    (_, i) => 1.4 * Math.sin(12.9898 * i + 78.233 * Math.sin(i + salt)),
  );

export const IMAGES = wave(BATCH * 8 * 8 * 3, 1);

/** Starts every parameter at its own deviation; scales and shifts away from 1 and 0, so that they matter. */
export function startParameters(session: Session, net: Network): void {
  session.writeAll([
    ...net.parameters.map(({ variable, initial }, k) => {
      const size = variable.shape.reduce((a, b) => a * b, 1);
      const values = wave(size, k + 2).map((x) =>
        "deviation" in initial ? x * initial.deviation : initial.value + 0.2 * x,
      );
      return [variable, values] as const;
    }),
    ...net.statistics.flatMap(({ mean, variance }) => [
      [mean, new Float32Array(mean.shape[0]!)] as const,
      [variance, new Float32Array(variance.shape[0]!).fill(1)] as const,
    ]),
  ]);
}
