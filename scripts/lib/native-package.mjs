// Packages that carry one platform's binary say which in their name: @oxlint/binding-linux-x64-gnu,
// iroh-darwin-arm64.
const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];
const libraries = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' };

/**
 * `os`, `cpu` and `libc` as npm wants them, read from a package's name; undefined when it does not name a
 * platform.
 */
export function platformOf(name) {
  const parts = name.split(/[-/]/);
  const os = parts.find((part) => systems.includes(part));
  const cpu = parts.find((part) => processors.includes(part));
  const libc = parts.map((part) => libraries[part]).find((library) => library !== undefined);
  // WebAssembly, for machines that none of the binaries is for: it has no system.
  if (parts.includes('wasm32')) return { cpu: ['wasm32'] };
  if (os === undefined || cpu === undefined) return undefined;
  return { cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc] }), os: [os] };
}
