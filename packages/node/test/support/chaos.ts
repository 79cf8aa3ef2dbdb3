import assert from 'node:assert/strict';
import { type IdKey, idKey } from '@lattice/model';
import { isPush, type SeededRandom } from '@lattice/testkit';
import { bytes, meshOn, type Nodes, replicaOf } from './nodes.js';

/**
 * Does things to a mesh that people, networks and machines do, all by chance, and remembers what was acknowledged: that must
 * be there in the end.
 */
export class Chaos {
  readonly #mesh: Nodes;
  readonly #random: SeededRandom;
  readonly #names: readonly string[];
  /** By store and author, the seq of the last entry that was acknowledged to a writer. */
  readonly #acknowledged = new Map<string, Map<IdKey, number>>();
  readonly #history: string[] = [];
  #writes = 0;
  #stores = 0;

  constructor(mesh: Nodes, names: readonly string[]) {
    this.#mesh = mesh;
    this.#random = mesh.random.fork();
    this.#names = names;
  }

  /** What was done so far, for a failure's report. */
  get history(): string {
    return this.#history.join('\n');
  }

  async step(): Promise<void> {
    const dice = this.#random.below(100);
    if (dice < 56) await this.#write();
    else if (dice < 65) await this.#part();
    else if (dice < 71) this.#heal();
    else if (dice < 78) await this.#end();
    else if (dice < 88) await this.#startOne();
    else if (dice < 90) await this.#killWhileWriting();
    else if (dice < 92) await this.#createStore();
    else if (dice < 93) await this.#deleteStore();
    else if (dice < 95) this.#losePushes();
    else if (dice < 98) this.#resetConnection();
    else this.#skew();
    if (this.#random.below(3) === 0) await this.#mesh.advance(this.#random.below(8_000));
  }

  /** Everything works again, and everybody is there. */
  async calm(): Promise<void> {
    this.#heal();
    this.#mesh.loss = () => false;
    for (const name of this.#names) if (!this.#mesh.running.includes(name)) await this.#mesh.start(name);
  }

  /** That everything that was acknowledged is everywhere. */
  assertNothingLost(): void {
    for (const name of this.#names) {
      for (const store of meshOn(this.#mesh, name).stores()) {
        const tips = replicaOf(store).tips();
        assert.deepEqual(store.status().forks, [], `${name} sees no fork`);
        for (const [author, seq] of this.#acknowledged.get(idKey(store.id)) ?? []) {
          const tip = tips.find((one) => idKey(one.author) === author);
          assert(
            (tip?.seq ?? 0) >= seq,
            `${name} has ${tip?.seq ?? 0} of ${seq} acknowledged entries of one author`,
          );
        }
      }
    }
  }

  async #write(): Promise<void> {
    const name = this.#anyRunning();
    const store = name && this.#random.pick(meshOn(this.#mesh, name).stores());
    if (!store) return;
    const kv = store.kv();
    const key = bytes(`key ${this.#random.below(12)}`);
    const value = bytes(`write ${this.#writes++} by ${name}`);
    this.#note(`${name} writes`);
    await this.#mesh.run(this.#random.below(6) === 0 ? kv.delete(key) : kv.put(key, value));
    const self = idKey(this.#mesh.machine(name).nodeId);
    const tip = replicaOf(store)
      .tips()
      .find(({ author }) => idKey(author) === self);
    const byAuthor = this.#acknowledged.get(idKey(store.id)) ?? new Map<IdKey, number>();
    this.#acknowledged.set(idKey(store.id), byAuthor.set(self, tip?.seq ?? 0));
  }

  async #killWhileWriting(): Promise<void> {
    const name = this.#anyRunning();
    const store = name && meshOn(this.#mesh, name).stores()[0];
    if (!store) return;
    this.#note(`${name} is killed while it writes`);
    for (let i = 0; i < 3; i++) void store.kv().put(bytes(`key ${i}`), bytes('perhaps'));
    await this.#mesh.kill(name);
  }

  async #part(): Promise<void> {
    const groups: string[][] = Array.from({ length: 2 + this.#random.below(2) }, () => []);
    for (const name of this.#names) this.#random.pick(groups).push(name);
    this.#note(`parted: ${groups.map((group) => group.join(' ')).join(' | ')}`);
    this.#mesh.partition(...groups);
    if (this.#random.below(2) === 0) await this.#mesh.advance(this.#random.below(40_000));
  }

  #heal(): void {
    this.#note('healed');
    this.#mesh.heal();
  }

  async #end(): Promise<void> {
    const name = this.#anyRunning();
    if (!name || this.#mesh.running.length <= 2) return;
    const how = this.#random.pick(['stop', 'kill', 'crash'] as const);
    this.#note(`${name}: ${how}`);
    await this.#mesh[how](name);
  }

  /** From now on, of all pushes some part is lost. */
  #losePushes(): void {
    const percent = this.#random.below(100);
    this.#note(`${percent} % of pushes get lost`);
    const random = this.#random.fork();
    this.#mesh.loss = (_from, _to, frame) => isPush(frame) && random.below(100) < percent;
  }

  #resetConnection(): void {
    const [a, b] = [this.#random.pick(this.#names), this.#random.pick(this.#names)];
    if (a === b) return;
    this.#note(`the connection of ${a} and ${b} is reset`);
    this.#mesh.network.disconnect(this.#mesh.machine(a).nodeId, this.#mesh.machine(b).nodeId);
  }

  async #startOne(): Promise<void> {
    const away = this.#names.filter((name) => !this.#mesh.running.includes(name));
    if (away.length === 0) return;
    const name = this.#random.pick(away);
    this.#note(`${name} starts`);
    await this.#mesh.start(name);
  }

  async #createStore(): Promise<void> {
    const name = this.#anyRunning();
    if (!name || this.#stores >= 3) return;
    this.#note(`${name} makes a store`);
    await this.#mesh.run(meshOn(this.#mesh, name).createStore({ name: `store ${this.#stores++}` }));
  }

  /** Any but the first; whatever was written to it is nobody's any more. */
  async #deleteStore(): Promise<void> {
    const name = this.#anyRunning();
    const stores = name ? meshOn(this.#mesh, name).stores() : [];
    const [store] = stores.filter((one) => one.name !== 'main');
    if (!name || !store) return;
    this.#note(`${name} deletes a store`);
    await this.#mesh.run(store.delete());
  }

  #skew(): void {
    const name = this.#random.pick(this.#names);
    this.#mesh.skew(name, (this.#random.below(240) - 120) * 1_000);
  }

  #anyRunning(): string | undefined {
    const { running } = this.#mesh;
    return running.length > 0 ? this.#random.pick(running) : undefined;
  }

  #note(what: string): void {
    this.#history.push(`${Math.round(this.#mesh.time.monotonicMs())} ms: ${what}`);
  }
}
