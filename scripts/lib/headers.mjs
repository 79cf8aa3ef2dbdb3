/**
 * `Headers` of the Fetch standard (https://fetch.spec.whatwg.org/#headers-class), as far as Connect goes. Node makes its own
 * with all of `fetch`, whose code takes a fifth of the time that Node needs to start: too much for a command of which that is half.
 * The bundle has this one in its place.
 */
export class Headers {
  /** By name in lower case. */
  #values = new Map();

  constructor(init) {
    if (init === undefined || init === null) return;
    const pairs = typeof init[Symbol.iterator] === 'function' ? init : Object.entries(init);
    for (const [name, value] of pairs) this.append(name, value);
  }

  append(name, value) {
    const [key, text] = [nameOf(name), valueOf(value)];
    const before = this.#values.get(key);
    this.#values.set(key, before === undefined ? [text] : [...before, text]);
  }

  set(name, value) {
    const [key, text] = [nameOf(name), valueOf(value)];
    this.#values.set(key, [text]);
  }

  delete(name) {
    this.#values.delete(nameOf(name));
  }

  get(name) {
    return this.#values.get(nameOf(name))?.join(', ') ?? null;
  }

  has(name) {
    return this.#values.has(nameOf(name));
  }

  getSetCookie() {
    return [...(this.#values.get('set-cookie') ?? [])];
  }

  forEach(callback, self) {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  /** In the order of names; cookies are never joined. */
  *entries() {
    for (const name of [...this.#values.keys()].sort((a, b) => (a < b ? -1 : 1))) {
      const values = this.#values.get(name);
      if (name === 'set-cookie') for (const value of values) yield [name, value];
      else yield [name, values.join(', ')];
    }
  }

  *keys() {
    for (const [name] of this) yield name;
  }

  *values() {
    for (const [, value] of this) yield value;
  }

  [Symbol.iterator]() {
    return this.entries();
  }
}

function nameOf(name) {
  const text = String(name);
  if (!/^[!#$%&'*+\-.^_`|~\w]+$/.test(text))
    throw new TypeError(`${JSON.stringify(text)} is no name of a header`);
  return text.toLowerCase();
}

function valueOf(value) {
  const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
  if (/[\0\n\r]|[^\0-\xff]/.test(text)) throw new TypeError('no header has such a value');
  return text;
}
