// `npm run sim -- --scale N`: how a mesh of real nodes fares as it grows, on disks that are memory; see docs/simulator.md.

/** Prints a line for each thing that the mesh has done, until it is large enough or has taken `budgetS` seconds of the processor. */
export async function scale(sim, { nodes, seed, budgetS }) {
  const spent = processorClock();
  console.log(
    `${'nodes'.padStart(6)}  ${'what'.padEnd(8)}${columns.map(([name]) => name.padStart(14)).join('')}`,
  );
  let reached = 0;
  let before = 0;
  try {
    for await (const lap of sim.growMesh({ nodes, seed })) {
      const cpuS = spent();
      const cells = columns.map(([, text]) => text(lap, cpuS - before).padStart(14));
      console.log(`${String(lap.nodes).padStart(6)}  ${lap.what.padEnd(8)}${cells.join('')}`);
      before = cpuS;
      if (lap.what === 'idled') reached = lap.nodes;
      if (cpuS < budgetS) continue;
      console.log(`stopped at ${lap.nodes} nodes: ${budgetS} s of the processor are spent (--budget)`);
      break;
    }
  } catch (error) {
    console.log(`broke beyond ${reached} nodes: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
  return 0;
}

const columns = [
  ['mesh life s', ({ virtualMs }) => (virtualMs / 1_000).toFixed(2)],
  ['messages/node', ({ frames, nodes }) => (frames / nodes).toFixed(1)],
  ['bytes/node', ({ bytes, nodes }) => Math.round(bytes / nodes).toLocaleString('en')],
  ['links/node', ({ connections }) => connections.toFixed(1)],
  ['processor s', (_, cpuS) => cpuS.toFixed(2)],
  ['heap MiB', () => (process.memoryUsage().heapUsed / 2 ** 20).toFixed(0)],
];

function processorClock() {
  const begun = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1e6;
  };
}
