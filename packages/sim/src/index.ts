export { nuisances } from './adversary/assault.js';
export { growMesh } from './scale/grow.js';
export { type Outcome, runStory, type Story } from './search/run.js';
export { shrink } from './search/shrink.js';
export { decodeStory, encodeStory } from './search/story-file.js';
export { tellStory } from './search/story.js';
export { days, hours, seconds, type Scene, tell } from './language/scene.js';
