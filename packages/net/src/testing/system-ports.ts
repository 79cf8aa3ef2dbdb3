/** The machine's own time, for what forwards packets between processes that are real. */
export function afterMs(ms: number, task: () => void): void {
  setTimeout(task, ms);
}
