/** @file A Merkle tree that is only appended to: it remembers the roots that its next leaf may need. */

import { completedNodes, treeRoot, type TreeNode } from "../../record/log/merkle-tree.ts";

type HashedNode = TreeNode & { hash: Uint8Array };

export class GrowingTree {
  /** One complete subtree of each level at most: those that `treeRoot` is made of. */
  readonly #roots = new Map<number, HashedNode>();
  #size = 0;

  /** @returns the subtrees that the leaf completes. */
  append(leaf: Uint8Array): HashedNode[] {
    const nodes = completedNodes(this.#size++, leaf, this.#find);
    for (const { level } of nodes.slice(0, -1)) this.#roots.delete(level);
    const last = nodes.at(-1)!;
    this.#roots.set(last.level, last);
    return nodes;
  }

  /** 32 bytes. */
  root(): Uint8Array {
    return treeRoot(this.#size, this.#find);
  }

  readonly #find = ({ level, index }: TreeNode): Uint8Array => {
    const node = this.#roots.get(level);
    if (node?.index !== index) throw new Error(`no hash at level ${level}, index ${index}`);
    return node.hash;
  };
}
