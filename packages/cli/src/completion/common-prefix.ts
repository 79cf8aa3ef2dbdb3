/** What both begin with, in whole characters. */
export function commonPrefix(a: string, b: string): string {
  let common = '';
  for (const character of a) {
    if (!b.startsWith(character, common.length)) break;
    common += character;
  }
  return common;
}
