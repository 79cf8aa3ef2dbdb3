import { command } from './command.js';

export const identityCommands = [
  command({
    path: 'node keep-identity',
    group: 'Node',
    summary: 'Say that this is the only copy of this node',
    details:
      'Where its data directory was copied, or moved to another machine, `node status` says so on each start, since two copies that write ' +
      'with one key part its history in two. Where only this one is left, this ends that. It changes nothing else.',
    examples: [{ line: 'node keep-identity', says: 'after moving to a new machine' }],
    json: '{wasSuspected}',
    run: async (_input, { node, output }) => {
      const client = await node();
      const { wasSuspected } = await client.nodeKeepIdentity({});
      await output.result({
        json: { wasSuspected },
        text: wasSuspected
          ? 'This is the only copy of this node from now on: see that no other is started again.'
          : 'This node was not taken for a copy. It is known to be here now.',
      });
    },
  }),
];
