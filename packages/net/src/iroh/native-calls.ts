/**
 * Counts what this thread has asked of the binding and got no answer to. An answer for a thread that has ended aborts the
 * process, whatever the process does by then.
 */
let unanswered = 0;
const waiting: (() => void)[] = [];

/** To be put around every call of the binding that is answered later. */
export function asked<T>(call: Promise<T>): Promise<T> {
  unanswered++;
  const answered = () => {
    unanswered--;
    if (unanswered === 0) for (const resolve of waiting.splice(0)) resolve();
  };
  call.then(answered, answered);
  return call;
}

/** Resolves when the binding has answered all that this thread has asked of it: then the thread may end. */
export function allAnswered(): Promise<void> {
  return unanswered === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
}
