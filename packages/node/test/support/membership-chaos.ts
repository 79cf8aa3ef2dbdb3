import assert from 'node:assert/strict';
import type { SeededRandom } from '@lattice/testkit';
import { bytes, contents, membersFor, meshOn, type Nodes, storeOn } from './nodes.js';

/**
 * People come and are thrown out, by chance, while the network parts and machines die. The creator `a` is thrown out by
 * nobody: whom it holds for members in the end, those must agree with it on everything.
 */
export class MembershipChaos {
  readonly #mesh: Nodes;
  readonly #random: SeededRandom;
  readonly #candidates: readonly string[];
  readonly #history: string[] = [];
  readonly #tokens: string[] = [];
  readonly #departed: string[] = [];

  constructor(mesh: Nodes, candidates: readonly string[]) {
    this.#mesh = mesh;
    this.#random = mesh.random.fork();
    this.#candidates = candidates;
  }

  get history(): string {
    return this.#history.join('\n');
  }

  async step(): Promise<void> {
    const dice = this.#random.below(100);
    if (dice < 35) await this.#write();
    else if (dice < 50) await this.#part();
    else if (dice < 58) this.#heal();
    else if (dice < 66) await this.#killAndStart();
    else if (dice < 80) await this.#invite();
    else if (dice < 90) await this.#join();
    else if (dice < 95) await this.#revoke();
    else await this.#leave();
    if (this.#random.below(2) === 0) await this.#mesh.advance(this.#random.below(6_000));
  }

  /** Everything works again; resolves when the creator and all whom it holds for members agree. */
  async settle(): Promise<readonly string[]> {
    this.#heal();
    for (const name of this.#candidates) if (!this.#mesh.running.includes(name)) await this.#mesh.start(name);
    // Whoever was away longest has waited a minute to dial again.
    await this.#mesh.advance(90_000);
    await this.#revokeDeparted();
    for (;;) {
      const members = this.#members();
      await this.#mesh.settle({ nodes: members, withinMs: 300_000 });
      await this.#mesh.advance(90_000);
      if (this.#members().join() === members.join()) return members;
    }
  }

  assertAgreement(members: readonly string[]): void {
    for (const name of members) {
      assert.deepEqual(membersFor(this.#mesh, name), membersFor(this.#mesh, 'a'), name);
      assert.deepEqual(contents(this.#mesh, name), contents(this.#mesh, 'a'), name);
    }
  }

  #members(): readonly string[] {
    const standing = membersFor(this.#mesh, 'a').filter((line) => line.endsWith(' member'));
    return standing.map((line) => line.slice(0, line.indexOf(' ')));
  }

  async #write(): Promise<void> {
    const name = this.#anyInMesh();
    this.#note(`${name} writes`);
    const kv = storeOn(this.#mesh, name).kv();
    await this.#try(kv.put(bytes(`key ${this.#random.below(8)}`), bytes(`${name} ${this.#history.length}`)));
  }

  async #invite(): Promise<void> {
    const name = this.#anyInMesh();
    this.#note(`${name} invites`);
    await this.#try(
      meshOn(this.#mesh, name)
        .createInvite()
        .then(({ token }) => void this.#tokens.push(token)),
    );
  }

  async #join(): Promise<void> {
    const outside = this.#candidates.filter(
      (name) => !this.#isInMesh(name) && this.#mesh.running.includes(name),
    );
    if (outside.length === 0 || this.#tokens.length === 0) return;
    const name = this.#random.pick(outside);
    this.#note(`${name} joins`);
    await this.#try(this.#mesh.node(name).joinMesh(this.#random.pick(this.#tokens)));
  }

  async #revoke(): Promise<void> {
    const name = this.#anyInMesh();
    const home = meshOn(this.#mesh, name);
    const others = home
      .peers()
      .filter(({ status, nodeId }) => status === 'member' && this.#mesh.nameOf(nodeId) !== 'a');
    if (others.length < 2) return;
    const { nodeId } = this.#random.pick(others);
    this.#note(`${name} revokes ${this.#mesh.nameOf(nodeId)}`);
    await this.#try(home.revoke(nodeId));
  }

  async #leave(): Promise<void> {
    const name = this.#anyInMesh();
    if (name === 'a') return;
    this.#note(`${name} leaves`);
    await this.#try(this.#mesh.node(name).leaveMesh(meshOn(this.#mesh, name), { force: true }));
    if (this.#mesh.node(name).meshes().length === 0) this.#departed.push(name);
  }

  /** Who left while it reached nobody is listed until somebody revokes it. */
  async #revokeDeparted(): Promise<void> {
    const members = this.#members();
    for (const name of this.#departed.filter((one) => members.includes(one)))
      await this.#mesh.run(meshOn(this.#mesh, 'a').revoke(this.#mesh.machine(name).nodeId));
  }

  async #part(): Promise<void> {
    const groups: string[][] = [[], []];
    for (const name of this.#candidates) this.#random.pick(groups).push(name);
    this.#note(`parted: ${groups.map((group) => group.join(' ')).join(' | ')}`);
    this.#mesh.partition(...groups);
    if (this.#random.below(2) === 0) await this.#mesh.advance(this.#random.below(40_000));
  }

  #heal(): void {
    this.#note('healed');
    this.#mesh.heal();
  }

  async #killAndStart(): Promise<void> {
    const name = this.#random.pick(this.#mesh.running);
    this.#note(`${name} is killed and starts again`);
    await this.#mesh.kill(name);
    await this.#mesh.advance(this.#random.below(3_000));
    await this.#mesh.start(name);
  }

  /** What is refused, as it may be, is as good as not asked for. */
  async #try(work: Promise<unknown>): Promise<void> {
    const outcome = await this.#mesh.run(
      work.then(
        () => 'done',
        (error: unknown) => (error as { code?: string }).code,
      ),
    );
    assert(outcome, 'an error has a code');
    if (outcome !== 'done') this.#note(`  ${outcome}`);
  }

  #anyInMesh(): string {
    return this.#random.pick(this.#mesh.running.filter((name) => this.#isInMesh(name)));
  }

  #isInMesh(name: string): boolean {
    if (!this.#mesh.running.includes(name)) return false;
    const [home] = this.#mesh.node(name).meshes();
    return home?.stores().some((store) => store.name === 'main') === true;
  }

  #note(what: string): void {
    this.#history.push(`${Math.round(this.#mesh.time.monotonicMs())} ms: ${what}`);
  }
}
