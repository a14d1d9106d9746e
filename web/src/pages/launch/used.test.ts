import { expect, it } from 'vitest'
import { usedWords } from './used'

it('says what a run used, as far as it is known', () => {
  expect(usedWords({ cpu_seconds: 1.2, max_rss: 48 << 20, memory_limit: 100 << 20 })).toBe(
    'CPU 1.2 s, memory at most 48 MiB, limit 100 MiB',
  )
  expect(usedWords({ cpu_seconds: 0.004, max_rss: null, memory_limit: null })).toBe('CPU 4 ms')
  expect(usedWords({ cpu_seconds: null, max_rss: null })).toBe('')
  expect(usedWords({})).toBe('')
})
