/** Has every handle of a store changed before it is used: to hold a write up, to record it, or to have it fail. */
export function alterKv<Kv>(store: { kv(): Kv }, alter: (kv: Kv) => void): void {
  const kv = store.kv.bind(store);
  store.kv = () => {
    const handle = kv();
    alter(handle);
    return handle;
  };
}

/** Something with events, as a node is. */
export interface EventSource<Event> {
  subscribe(listener: (event: Event) => void): () => void;
}

export interface Subscriptions {
  readonly count: number;
  /** Resolves when there is one. */
  readonly first: Promise<void>;
}

/** How many listen to a node's events, of those who begin from now on. */
export function subscriptionsOf<Event>(node: EventSource<Event>): Subscriptions {
  let begin = (): void => undefined;
  const subscriptions = { count: 0, first: new Promise<void>((resolve) => (begin = resolve)) };
  const subscribe = node.subscribe.bind(node);
  node.subscribe = (listener) => {
    const unsubscribe = subscribe(listener);
    subscriptions.count++;
    begin();
    return () => {
      subscriptions.count--;
      unsubscribe();
    };
  };
  return subscriptions;
}
