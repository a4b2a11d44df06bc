/** @file Logs in memory, grown leaf by leaf as a server grows them. */

import {
  completedNodes,
  leafHash,
  type NodeHashes,
  type TreeNode,
} from "../../../record/log/merkle-tree.ts";

const place = ({ level, index }: TreeNode) => `${level}/${index}`;

/** Hashes of every complete subtree; asking for one that is not complete throws. */
export function grow(entries: readonly Uint8Array[]): NodeHashes {
  const stored = new Map<string, Uint8Array>();
  const hashes: NodeHashes = (node) => {
    const hash = stored.get(place(node));
    if (!hash) throw new Error(`no node ${place(node)}`);
    return hash;
  };
  entries.forEach((entry, index) => {
    for (const node of completedNodes(index, leafHash(entry), hashes))
      stored.set(place(node), node.hash);
  });
  return hashes;
}

/** "0", "1", ... */
export const numbers = (count: number) =>
  Array.from({ length: count }, (_, i) => new TextEncoder().encode(String(i)));
