/** @file What a backend of Ed25519 offers: WebCrypto, or the portable code where it is missing. */

/** One implementation. A seed is the 32 bytes that RFC 8032 calls the private key. */
export interface Ed25519 {
  publicKey(seed: Uint8Array): Promise<Uint8Array>;
  sign(message: Uint8Array, seed: Uint8Array): Promise<Uint8Array>;
  /** [S]B = R + [k]A, of strictly encoded inputs. */
  equationHolds(signature: Uint8Array, message: Uint8Array, key: Uint8Array): Promise<boolean>;
}
