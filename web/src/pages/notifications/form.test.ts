import { describe, expect, it } from 'vitest'
import { fieldOf } from '@/ui/saving'
import { formOf, ruleFields, writeOf } from './rule'
import { rule } from './testing'

describe('the field of an error', () => {
  it.each([
    ['on[2] "faild" is unknown; did you mean failed?', 'on'],
    ['channels is missing: name those to report through', 'channels'],
    ['channels[1]: there is no channel "nope"', 'channels'],
    ['match.jobs[0] "[a" is not a pattern of names', 'match.jobs'],
    ['quiet.from "25:00" is not a time of day', 'quiet.from'],
    ['longer_than has no effect without ran_long', 'longer_than'],
    ['there are 200 rules already', undefined],
    ['the body is not what is expected: x', undefined],
  ])('%s', (text, field) => {
    expect(fieldOf(text, ruleFields)).toBe(field)
  })
})

describe('a rule', () => {
  it('is saved as it was read', () => {
    expect(writeOf(formOf(rule as never))).toEqual({
      disabled: false,
      on: ['first_failure', 'recovered'],
      match: { jobs: ['backup-*'], owner: '', tags: {}, metadata: {} },
      channels: ['ops'],
      severity: 'warning',
      remind: '4h',
    })
  })

  it('is saved without figures that its events do not use', () => {
    const form = { ...formOf(undefined), in_a_row: 3 as const, longer_than: '1h', shorter_than: '5s', output: 'x' }
    expect(writeOf(form)).not.toHaveProperty('in_a_row')
    expect(writeOf({ ...form, channels: [] })).not.toHaveProperty('channels') // forgotten
    expect(writeOf({ ...form, jobsOnly: true })).toMatchObject({ channels: [] })
    expect(writeOf({ ...form, on: ['nth_failure', 'long_running', 'output'] })).toMatchObject({
      in_a_row: 3,
      longer_than: '1h',
      output: 'x',
    })
    expect(writeOf({ ...form, on: ['nth_failure'] })).not.toHaveProperty('shorter_than')
  })
})
