import { expect, test } from 'vitest'
import type { Entry } from './entry'
import { rangeOf, sentenceOf } from './words'

const at = Date.parse('2026-11-24T10:00:00Z')
const entry: Entry = { key: '', kind: 'ran', job: 'backup', node: 'db-1', state: 'failed', start: at, end: at + 2500 }

test('describes past, running, skipped and coming entries', () => {
  const say = (change: Partial<Entry>) => sentenceOf({ ...entry, ...change }, at + 60_000, 'UTC')
  expect(say({})).toBe('backup on db-1, started at 2026-11-24 10:00:00, failed after 2.5 s')
  expect(say({ state: 'running', end: Infinity })).toMatch(/running for 1 min$/)
  expect(say({ state: 'waiting', node: '', end: Infinity })).toBe(
    'backup, due at 2026-11-24 10:00:00, waiting for 1 min',
  )
  expect(say({ kind: 'unrun', state: 'skipped', node: '', reason: 'It still ran.' })).toMatch(
    /skipped\. It still ran\.$/,
  )
  const due: Partial<Entry> = { kind: 'due', state: undefined, start: at + 180_000 }
  expect(say({ ...due, node: 'db-1' })).toMatch(/is due at .*, in 2 min, on db-1$/)
  expect(say({ ...due, node: '', count: 2 })).toMatch(/on 2 nodes, chosen at launch$/)
  expect(say({ ...due, node: '', count: 0 })).toMatch(/no node matches now$/)
})

test('describes a band of launches', () => {
  const band: Entry = { ...entry, node: '', end: at + 3_600_000, times: 30, bad: 2, busy: 1 }
  const say = (change: Partial<Entry>) => sentenceOf({ ...band, ...change }, at, 'UTC')
  const when = 'from 2026-11-24 10:00:00 to 2026-11-24 11:00:00'
  expect(say({})).toBe(`backup, 30 runs, 2 failed, ${when}`)
  expect(say({ bad: 30 })).toBe(`backup, 30 runs, all failed, ${when}`)
  expect(say({ times: 1, bad: 1 })).toBe(`backup, 1 run, failed, ${when}`)
  expect(say({ bad: 0, state: 'success' })).toBe(`backup, 30 runs, ${when}`)
  expect(say({ kind: 'unrun', state: 'no_target' })).toBe(`backup, 30 no target, ${when}`)
})

test('a range has both days unless they are today', () => {
  const hours = (from: number, to: number) =>
    rangeOf({ from: at + from * 3_600_000, to: at + to * 3_600_000 }, at, 'UTC')
  expect(hours(-1, 2)).toBe('09:00:00 – 12:00:00')
  expect(hours(-14, 1)).toBe('2026-11-23 20:00 – 2026-11-24 11:00')
  expect(hours(-48, -30)).toBe('2026-11-22 10:00 – 2026-11-23 04:00')
})
