/** @file One field of a protocol's document as a row of a table. */

export interface ProtocolField {
  /** Dotted path into the document; it stands for everything below it. */
  path: string;
  /** In words. */
  value: string;
  /** What it decides, in a sentence. */
  help: string;
}

export function field(path: string, value: string, help: string): ProtocolField {
  return { path, value, help };
}
