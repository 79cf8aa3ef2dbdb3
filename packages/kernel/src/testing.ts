// What the tests of this package look at from closer than a replica.
export { RecentFollowers } from './recent-followers.js';
