// To be imported before all else (`node --import`): plants the bug that LATTICE_PLANT names.
import { register } from 'node:module';
import { plants } from './plants.js';

const plant = plants.find(({ name }) => name === process.env.LATTICE_PLANT);
if (!plant) throw new Error(`There is no such plant: ${process.env.LATTICE_PLANT}`);
register('./hooks.js', { parentURL: import.meta.url, data: plant.edits });
