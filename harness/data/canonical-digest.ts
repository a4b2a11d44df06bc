/** @file The digest that decides whether a split is the right one. */

import { hash } from "node:crypto";

/**
 * SHA-256 over all images (uint8, NHWC, official order), then all labels (uint8): method.md section 7.
 * A cached file is exactly these bytes, so `sha256sum` on it prints the same.
 */
export function canonicalDigest(canonical: Uint8Array): string {
  return hash("sha256", canonical, "hex");
}
