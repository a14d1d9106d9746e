import { expect, test } from 'vitest'
import { objectiveWords } from './words'

test('an objective is a sentence, with durations as people write them', () => {
  expect(objectiveWords({ objective: 'deadline', expected: 'mon-fri 06:00' })).toBe('Succeeds by mon-fri 06:00')
  expect(objectiveWords({ objective: 'deadline', expected: '+2h' })).toBe('Succeeds within 2 h after it is due')
  expect(objectiveWords({ objective: 'max_lateness', expected: '10m0s' })).toBe('Starts within 10 min after it is due')
  expect(objectiveWords({ objective: 'expected_duration', expected: '1h30m0s' })).toBe('Runs for 1 h 30 min at most')
  expect(objectiveWords({ objective: 'max_silence', expected: '26h0m0s' })).toBe('Succeeds at least every 26 h')
  expect(objectiveWords({ objective: 'max_silence', expected: '30s' })).toBe('Succeeds at least every 30 s')
})
