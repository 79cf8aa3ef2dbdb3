/** "1 peer", "2 peers"; where more than that differs, the others are given: "1 entry waits", "2 entries wait". */
export function counted(count: number | bigint, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${Number(count) === 1 ? one : many}`;
}
