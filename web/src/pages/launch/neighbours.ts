import type { Launch } from '@/api/launches'

interface Neighbours {
  previous?: Launch
  next?: Launch
}

/** The launches of the same job before and after one, in the order in which they were created. */
export function neighboursOf(launches: readonly Launch[], launch: Launch): Neighbours {
  const others = launches.filter(l => l.id !== launch.id)
  const earlier = others.filter(l => order(l, launch) < 0)
  const later = others.filter(l => order(l, launch) > 0)
  return { previous: earlier.toSorted(order).at(-1), next: later.toSorted(order)[0] }
}

const order = (a: Launch, b: Launch) =>
  Date.parse(a.created_at) - Date.parse(b.created_at) ||
  a.id.length - b.id.length ||
  (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
