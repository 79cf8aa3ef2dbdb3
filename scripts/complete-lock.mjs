// Adds to package-lock.json the entries of native packages for platforms that the registry in use does not
// carry, so that `npm ci` installs them where it does. Run it after `npm install` changed the lock;
// check-lock.mjs says when it is needed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingOptionals, readLock } from './lib/lock-file.mjs';
import { platformOf } from './lib/native-package.mjs';
import { root } from './lib/repository.mjs';

const lock = readLock();
for (const { name, version, dev } of missingOptionals(lock.packages)) {
  const platform = platformOf(name);
  if (platform === undefined || !/^\d/.test(version)) {
    console.error(
      `${name}@${version} does not tell its platform or exact version: add it to package-lock.json by hand.`,
    );
    process.exitCode = 1;
    continue;
  }
  lock.packages[`node_modules/${name}`] = lockEntry(version, platform, dev);
  console.log(`added ${name}@${version}`);
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')),
);
writeFileSync(join(root, 'package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`);

/** In the order in which npm itself writes the fields, so that its next write changes nothing. */
function lockEntry(version, { os, cpu, libc }, dev) {
  return {
    version,
    cpu,
    ...(dev ? { dev } : {}),
    ...(libc ? { libc } : {}),
    optional: true,
    ...(os ? { os } : {}),
  };
}
