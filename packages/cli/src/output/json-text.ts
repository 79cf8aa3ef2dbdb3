import { fromUtf8 } from '@lattice/model';

/** JSON as commands build it. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };

/** A key or value: text where it is text, else `{"base64": ...}`. `import` reads back either. */
export function bytesJson(bytes: Uint8Array): Json {
  return fromUtf8(bytes) ?? { base64: Buffer.from(bytes).toString('base64') };
}

/** On one line. */
export function jsonText(json: Json): string {
  return JSON.stringify(json);
}

/** The same document with every invisible character spelled out, so that data cannot drive a terminal. */
export function jsonForTerminal(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    let escaped = '';
    for (let i = 0; i < character.length; i++)
      escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
    return escaped;
  });
}
