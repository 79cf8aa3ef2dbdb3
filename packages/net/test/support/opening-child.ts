/** Opens a network in a thread of its own, and ends the process so many milliseconds later, as its argument says. */
import { bindIrohThread } from './iroh.js';

const afterMs = Number(process.argv[2]);

void bindIrohThread();
setTimeout(() => process.exit(), afterMs);
