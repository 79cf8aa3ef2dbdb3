/** Resolves when everything that waits on promises alone has run. I/O that is under way is not waited for. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
