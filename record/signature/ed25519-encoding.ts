/**
 * @file Which bytes may be an Ed25519 key or signature at all.
 *
 * WebCrypto's implementations differ in what they let through here; checked before any of them is asked, it cannot
 * show. What remains is one equation without the cofactor, [S]B = R + [k]A (RFC 8032 section 5.1.7, and the
 * Web Cryptography text on Ed25519), to which they all give the same answer.
 */

/** p, the field's prime, and L, the order of the base point (RFC 8032 section 5.1). */
const P = 2n ** 255n - 19n;
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;

/** y of a point of order 8; the others of that order are its negatives. */
const Y8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
/** y of every point whose order divides 8; both points of y = 0, y = Y8 and y = P - Y8 are among them. */
const SMALL_ORDER = new Set([0n, 1n, P - 1n, Y8, P - Y8]);

/** Little-endian, as RFC 8032 encodes all numbers. */
export function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** 32 bytes with y < p, of a point (if there is one) whose order does not divide 8 (section 5.1.3). */
export function isStrictPoint(bytes: Uint8Array): boolean {
  const y = littleEndian(bytes) & (2n ** 255n - 1n);
  return bytes.length === 32 && y < P && !SMALL_ORDER.has(y);
}

/** 64 bytes: R, a strict point, and S < L (section 5.1.7). */
export function isStrictSignature(bytes: Uint8Array): boolean {
  return (
    bytes.length === 64 &&
    isStrictPoint(bytes.subarray(0, 32)) &&
    littleEndian(bytes.subarray(32)) < L
  );
}
