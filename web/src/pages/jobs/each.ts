/** A failed item, and why. */
export interface Failure<T> {
  item: T
  why: string
}

export interface Tally<T> {
  done: number
  failures: Failure<T>[]
}

interface Options<T> {
  /** How many at once. */
  width: number
  signal: AbortSignal
  progress: (tally: Tally<T>) => void
}

/** Runs an action on each item, a few at a time. A failure does not stop the rest; a signal does. */
export async function each<T>(
  items: readonly T[],
  action: (item: T) => Promise<unknown>,
  { width, signal, progress }: Options<T>,
): Promise<Tally<T>> {
  const tally: Tally<T> = { done: 0, failures: [] }
  let next = 0
  const worker = async () => {
    while (next < items.length && !signal.aborted) {
      const item = items[next++]!
      try {
        await action(item)
        tally.done++
      } catch (error) {
        tally.failures.push({ item, why: error instanceof Error ? error.message : String(error) })
      }
      progress(tally)
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker))
  return tally
}

/** Failures grouped by reason, the most frequent first. */
export function byReason<T>(failures: readonly Failure<T>[]): { why: string; items: T[] }[] {
  const groups = new Map<string, T[]>()
  for (const { item, why } of failures) {
    const group = groups.get(why)
    if (group) group.push(item)
    else groups.set(why, [item])
  }
  return [...groups].map(([why, items]) => ({ why, items })).toSorted((a, b) => b.items.length - a.items.length)
}
