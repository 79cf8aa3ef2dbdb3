export { allAtOnce, type Steps, TimeSlice, type Wrapper } from '@lattice/model';
