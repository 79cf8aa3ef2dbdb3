/** A change of some compiled file that makes the product wrong: what is found stands there once, and is replaced. */
export interface Edit {
  /** In the repository: package and file. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A bug that is planted in order to be found. */
export interface Plant {
  readonly name: string;
  readonly edits: readonly Edit[];
}

export const plants: readonly Plant[] = [
  {
    name: 'acknowledge before the fsync',
    edits: [
      {
        file: 'storage-node/dist/segment-tail.js',
        find: 'await this.file.write(frames, this.#end);\n            await this.file.sync();',
        replace: 'await this.file.write(frames, this.#end);',
      },
    ],
  },
  {
    name: 'publish before the fsync',
    edits: [
      {
        file: 'kernel/dist/commits.js',
        find: 'const appending = this.#append(sealed.map(({ bundle }) => bundle));',
        replace:
          "for (const { bundle } of sealed)\n            this.#options.onCommit({ bundle, origin: 'local', counts: true, forked: [], conflicts: { keys: [], count: 0 } });\n        const appending = this.#append(sealed.map(({ bundle }) => bundle));",
      },
    ],
  },
  {
    name: 'accept an unverified bundle',
    edits: [
      {
        file: 'kernel/dist/verify.js',
        find: "if (!verify(author, 'chain', end.hash, signature))",
        replace: 'if (false)',
      },
    ],
  },
  {
    name: 'never retry a bundle that waited for an ancestor',
    edits: [
      {
        file: 'kernel/dist/waiting-room.js',
        find: '    arrived(hash) {',
        replace: '    arrived(hash) {\n        return [];',
      },
    ],
  },
  {
    name: 'drop a losing head',
    edits: [
      {
        file: 'kvstore/dist/machine.js',
        find: '{ winner: first, others: [at, ...rest], value: before.value }',
        replace: '{ winner: first, others: rest, value: before.value }',
      },
    ],
  },
  {
    name: 'apply beyond a cut-off',
    edits: [
      {
        file: 'kernel/dist/counting.js',
        find: 'rule.cutOffs.every((list) => list.some((named) => this.#index.chains.leadsTo(entry, named)))',
        replace: 'true',
      },
    ],
  },
  {
    name: 'count a revocation by arrival order',
    edits: [
      {
        file: 'meshstore/dist/counting.js',
        find: 'return compareRanks(a.rank, b.rank) || compareTimes(a.state, b.state);',
        replace: 'return a.state.order - b.state.order;',
      },
    ],
  },
  {
    name: 'rank a revoker by an admission that does not count',
    edits: [
      {
        file: 'meshstore/dist/counting.js',
        find: 'state.rank = rank;',
        replace:
          'state.rank = rank && (author.admissions.find((one) => entrySees(this.#ledger.past, state, one.at)) ?? rank);',
      },
    ],
  },
  {
    name: 'wrong tie-break',
    edits: [
      {
        file: 'kvstore/dist/machine.js',
        find: 'comparePlaces(placeOf(at), placeOfHead(first, at)) > 0',
        replace: 'comparePlaces(placeOf(at), placeOfHead(first, at)) < 0',
      },
    ],
  },
  {
    name: 'order by a local chain number',
    edits: [
      {
        file: 'kvstore/dist/machine.js',
        find: 'comparePlaces(placeOf(at), placeOfHead(first, at)) > 0',
        replace: 'at.ref > first.ref',
      },
    ],
  },
  {
    name: 'a clock that moves with a held entry',
    edits: [
      {
        file: 'kernel/dist/hybrid-clock.js',
        find: 'if (time <= this.horizon())',
        replace: '',
      },
      {
        file: 'kernel/dist/commit-loop.js',
        find: 'this.#core.waiting.hold(waiting, placed.latest);',
        replace:
          'this.#core.waiting.hold(waiting, placed.latest);\n                    this.#options.clock.observe(placed.latest);',
      },
    ],
  },
  {
    name: 'a reconcile that skips one chain',
    edits: [
      {
        file: 'kernel/dist/outgoing.js',
        find: 'if (first <= last)',
        replace: 'if (first <= last && chain.number !== 1)',
      },
    ],
  },
  {
    name: 'cut a tail that was acknowledged',
    edits: [
      {
        file: 'storage-node/dist/segment-recovery.js',
        find: 'const isFollowed = syncedTo === Infinity;',
        replace:
          'if (!isSealed && torn !== end) return { end: lastAppend, isSealed, lastAppend: firstPosition, torn: torn - lastAppend, lostItsEnd: false, damaged };\n    const isFollowed = syncedTo === Infinity;',
      },
    ],
  },
  {
    name: 'accept the revoked for a member',
    edits: [
      {
        file: 'meshstore/dist/evaluate.js',
        find: "members.get(idKey(nodeId))?.status === 'member'",
        replace: 'members.has(idKey(nodeId))',
      },
    ],
  },
  {
    name: 'apply what was issued again, too',
    edits: [
      {
        file: 'kernel/dist/replacements.js',
        find: '    isReplaced(original, counts) {',
        replace: '    isReplaced(original, counts) {\n        return false;',
      },
    ],
  },
];
