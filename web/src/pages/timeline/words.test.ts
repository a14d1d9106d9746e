import { expect, test } from 'vitest'
import type { Entry } from './entry'
import { sentenceOf } from './words'

const at = Date.parse('2026-11-24T10:00:00Z')
const entry: Entry = { key: '', kind: 'ran', job: 'backup', node: 'db-1', state: 'failed', start: at, end: at + 2500 }

test('describes past, running, skipped and coming entries', () => {
  const say = (change: Partial<Entry>) => sentenceOf({ ...entry, ...change }, at + 60_000, 'UTC')
  expect(say({})).toBe('backup on db-1, started at 2026-11-24 10:00:00, failed after 2.5 s')
  expect(say({ state: 'running', end: Infinity })).toMatch(/running for 1 min$/)
  expect(say({ kind: 'unrun', state: 'skipped', node: '', reason: 'It still ran.' })).toMatch(
    /skipped\. It still ran\.$/,
  )
  const due: Partial<Entry> = { kind: 'due', state: undefined, start: at + 180_000 }
  expect(say({ ...due, node: 'db-1' })).toMatch(/is due at .*, in 2 min, on db-1$/)
  expect(say({ ...due, node: '', count: 2 })).toMatch(/on 2 nodes, chosen at launch$/)
  expect(say({ ...due, node: '', count: 0 })).toMatch(/no node matches now$/)
})
