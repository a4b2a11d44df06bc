/** @file A key that can sign, as the rest of the harness holds it. */

export interface SigningKey {
  /** Of its file; known on this machine only. */
  name: string;
  /** 64 hexadecimal digits: what others know its holder by. */
  publicKey: string;
  /** 32 bytes; never printed, never sent. */
  seed: Uint8Array;
  /** Published when the key is registered; null or absent: none. */
  displayName?: string | null;
}
