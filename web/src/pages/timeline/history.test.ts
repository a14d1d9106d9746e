import { expect, test } from 'vitest'
import { readHistory, readOn, type Source } from './history'

interface Item {
  key: string
  end?: number
}

const start = Date.UTC(2026, 10, 24)

/** A server with a history, and the requests to it. */
function server(items: Item[]) {
  const asked: number[] = []
  const source: Source<Item> = {
    endOf: item => item.end,
    keyOf: item => item.key,
    page: async (since, after) => {
      asked.push(Date.parse(since) - start)
      const all = items
        .filter(i => i.end === undefined || i.end >= Date.parse(since))
        .toSorted((a, b) => (b.end ?? Infinity) - (a.end ?? Infinity))
      const first = Number(after ?? 0)
      const next = first + 2 < all.length ? String(first + 2) : undefined
      return { items: all.slice(first, first + 2), next }
    },
  }
  return { items, asked, source }
}

const ended = (n: number, key = `e${n}`) => ({ key, end: start + n * 1000 })
const keys = (loaded: { items: Item[] }) => loaded.items.map(i => i.key)

test('loads pages until there is enough, and says that there is more', async () => {
  const { source } = server([{ key: 'r' }, ended(5), ended(4), ended(3), ended(2)])
  const loaded = await readHistory(source, start, 3, 0)
  expect(keys(loaded)).toEqual(['r', 'e5', 'e4', 'e3'])
  expect(loaded.next).toBeDefined()
  const more = await readOn(source, start, loaded, 10)
  expect(keys(more)).toEqual(['r', 'e5', 'e4', 'e3', 'e2'])
  expect(more.next).toBeUndefined()
})

test('asks only for what is new the next time', async () => {
  const { items, asked, source } = server([{ key: 'r' }, ended(100), ended(50)])
  const loaded = await readHistory(source, start, 100, 0)
  items.splice(0, 1, ended(101, 'r'), { key: 's' })
  asked.length = 0
  const again = await readHistory(source, start, 100, 5000, loaded)
  expect(keys(again)).toEqual(['s', 'r', 'e100', 'e50'])
  expect(asked.every(since => since === 90_000)).toBe(true)
})

test('loads all again after a while, as items may have been deleted', async () => {
  const { items, source } = server([ended(100), ended(50)])
  const loaded = await readHistory(source, start, 100, 0)
  items.pop()
  expect(keys(await readHistory(source, start, 100, 5000, loaded))).toEqual(['e100', 'e50'])
  expect(keys(await readHistory(source, start, 100, 100_000, loaded))).toEqual(['e100'])
})
