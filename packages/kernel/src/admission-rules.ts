import {
  type Admission,
  type AuthorRule,
  equalBytes,
  idKey,
  type NodeId,
  parseHash,
  utf8,
} from '@lattice/model';
import { ByteWriter } from '@lattice/proto';
import type { Table } from '@lattice/storage';
import type { ChainTable } from './chain-table.js';

/**
 * Remembers, beside the state, which admission it was computed under: by author which rule, so that another one (also of
 * another run) costs a look at the authors whose rule differs; and which entries were named to be kept.
 */
export class AdmissionRules {
  readonly #rules: Table;
  readonly #named: Table;
  readonly #chains: ChainTable;

  constructor(rules: Table, named: Table, chains: ChainTable) {
    this.#rules = rules;
    this.#named = named;
    this.#chains = chains;
  }

  /** The authors with entries here whose rule is not the one remembered. */
  differing(admission: Admission): readonly NodeId[] {
    const differing: NodeId[] = [];
    for (const author of this.#authors()) {
      const known = this.#rules.get(author);
      const rule = encodeRule(admission.rule(author));
      if (!known || !equalBytes(known, rule)) differing.push(author);
    }
    return differing;
  }

  /** Whether entries were named that no longer are. */
  namesFewer(admission: Admission): boolean {
    const named = new Set([...admission.alsoKept()].map((entry) => idKey(entry.hash)));
    for (const [hash] of this.#named.range()) if (!named.has(idKey(parseHash(hash)))) return true;
    return false;
  }

  /** Inside a transaction. */
  remember(authors: Iterable<NodeId>, admission: Admission): void {
    for (const author of authors) this.#rules.put(author, encodeRule(admission.rule(author)));
    const gone = new Map([...this.#named.range()].map(([hash]) => [idKey(parseHash(hash)), hash]));
    for (const { hash } of admission.alsoKept()) {
      if (!gone.delete(idKey(hash))) this.#named.put(hash, nothing);
    }
    for (const hash of gone.values()) this.#named.remove(hash);
  }

  /** The rule by which the first entry here of that author was counted; inside a transaction. */
  rememberNew(author: NodeId, admission: Admission): void {
    this.#rules.put(author, encodeRule(admission.rule(author)));
  }

  /** From here on these authors' rules differ from whatever they are. Inside a transaction. */
  forget(authors: Iterable<Uint8Array>): void {
    for (const author of authors) this.#rules.remove(author);
  }

  /** From here on every rule differs. Inside a transaction. */
  forgetAll(): void {
    this.forget([...this.#rules.range()].map(([author]) => author));
  }

  *#authors(): Iterable<NodeId> {
    for (const chain of this.#chains) {
      if (this.#chains.of(chain.author)[0] === chain) yield chain.author;
    }
  }
}

const nothing = new Uint8Array(0);

function encodeRule(rule: AuthorRule | undefined): Uint8Array {
  const writer = new ByteWriter(64);
  if (!rule) return writer.u8(0).finish();
  writer.u8(1).varint(rule.spans.length);
  for (const { after, behind } of rule.spans) {
    writer.raw(utf8(`${after} `)).raw(behind?.hash ?? new Uint8Array(0));
  }
  writer.varint(rule.cutOffs.length);
  for (const list of rule.cutOffs) {
    writer.varint(list.length);
    for (const { seq, hash } of list) writer.varint(seq).raw(hash);
  }
  return writer.finish();
}
