/** @file A dump on its way into the tables, line by line, each verified against those before it. */

import { utf8ToBytes } from "@noble/hashes/utils.js";
import { equalBytes } from "../../record/equal-bytes.ts";
import { type VerifierKey, openCheckpoint, parseVerifierKey } from "../../record/log/checkpoint.ts";
import { logEntryHash } from "../../record/log/log-proof.ts";
import type { Leaf } from "../append-leaf.ts";
import type { Transaction } from "../db.ts";
import { HomeError } from "../home/home-error.ts";
import { isUnavailable } from "../home/unavailable.ts";
import { indexLeaf } from "../index/index-leaf.ts";
import { keyNames, leaves, logNodes } from "../schema.ts";
import { bodyFault } from "./body-fault.ts";
import { DumpHeader, DumpLeaf, DumpName } from "./dump-lines.ts";
import { GrowingTree } from "./growing-tree.ts";
import { nameFault } from "./name-fault.ts";
import { statementFault } from "./statement-fault.ts";

export interface Restored {
  leaves: number;
  /** Of the whole log. */
  root: Uint8Array;
}

/** Within one transaction that holds the log's lock. */
export class Restoration {
  readonly #tx: Transaction;
  readonly #expected: string | null;
  readonly #tree = new GrowingTree();
  #log: { header: DumpHeader; key: VerifierKey } | null = null;
  #line = 0;
  #leaves = 0;

  constructor(tx: Transaction, expected: string | null) {
    this.#tx = tx;
    this.#expected = expected;
  }

  async take(text: string): Promise<void> {
    this.#line++;
    if (text === "") return;
    const value = this.#read(text);
    if (this.#log === null) return this.#begin(value);
    const name = DumpName.safeParse(value);
    if (name.success) return this.#takeName(name.data);
    const leaf = DumpLeaf.safeParse(value);
    if (!leaf.success) throw this.#fault("neither a leaf nor a name");
    await this.#takeLeaf(leaf.data, this.#log.key);
  }

  async finish(): Promise<Restored> {
    if (this.#log === null) throw this.#fault("the dump is empty");
    const { header, key } = this.#log;
    if (header.size !== this.#leaves)
      throw this.#fault(`the header promises ${header.size} leaves, ${this.#leaves} are here`);
    await this.#checkCheckpoint(header.checkpoint, key);
    return { leaves: this.#leaves, root: this.#tree.root() };
  }

  #begin(value: unknown): void {
    const header = DumpHeader.safeParse(value);
    const key = header.success ? parseVerifierKey(header.data.verifierKey) : null;
    if (!header.success || key === null || key.name !== header.data.origin)
      throw this.#fault("no dump of rademark, version 1");
    if (this.#expected !== null && this.#expected !== header.data.verifierKey)
      throw this.#fault(`signed by ${header.data.verifierKey}, not by ${this.#expected}`);
    this.#log = { header: header.data, key };
  }

  async #takeLeaf(dumped: DumpLeaf, key: VerifierKey): Promise<void> {
    const { index, kind, digest, checkpoint, body } = dumped;
    if (index !== this.#leaves) throw this.#fault(`leaf ${index} where ${this.#leaves} belongs`);
    const fault = await bodyFault(dumped);
    if (fault !== null) throw this.#fault(fault);
    const nodes = this.#tree.append(logEntryHash({ kind, digest }));
    this.#leaves++;
    await this.#checkCheckpoint(checkpoint, key);
    const leaf: Leaf = {
      index,
      kind,
      digest,
      checkpoint,
      body: utf8ToBytes(body),
      at: new Date(dumped.at),
    };
    const broken = await statementFault(this.#tx, leaf);
    if (broken !== null) throw this.#fault(broken);
    await this.#tx.insert(leaves).values(leaf);
    await this.#tx.insert(logNodes).values(nodes);
    await indexLeaf(this.#tx, leaf);
  }

  /** Against the tree as it stands. */
  async #checkCheckpoint(checkpoint: string, key: VerifierKey): Promise<void> {
    const opened = await openCheckpoint(checkpoint, key);
    if (!opened.ok) throw this.#fault(opened.reason);
    const { size, root } = opened.checkpoint;
    if (size !== this.#leaves || !equalBytes(root, this.#tree.root()))
      throw this.#fault("the checkpoint is that of another tree");
  }

  async #takeName({ name }: DumpName): Promise<void> {
    const fault = await nameFault(this.#tx, name);
    if (fault !== null) throw this.#fault(fault);
    await this.#tx.insert(keyNames).values({ ...name, at: new Date(name.at) });
  }

  /** Leaves that contradict each other, though each is whole, break a table's rule, or an indexer's. */
  explained(error: unknown): unknown {
    if (error instanceof HomeError || isUnavailable(error)) return error;
    const fault = this.#fault("it does not go with the lines before it");
    return Object.assign(fault, { cause: error });
  }

  #read(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw this.#fault("no JSON");
    }
  }

  #fault(what: string): HomeError {
    return new HomeError(`line ${this.#line} of the dump: ${what}. Nothing was restored.`);
  }
}
