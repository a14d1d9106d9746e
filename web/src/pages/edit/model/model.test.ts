import { describe, expect, it } from 'vitest'
import { fieldsOf } from '../executors/executors'
import { executors } from '../testing'
import { missingIn, notesOf as notesWith } from './check'
import { complaintOf, placesOf } from './complaint'
import { formOf, processorRow, type Form } from './form'
import { newRow } from './rows'
import { copyNames, slugOf, wrongName } from './slug'

describe('names', () => {
  it.each([
    ['Köln: nightly backup!', 'koln-nightly-backup'],
    ['  Straße #7 ', 'strasse-7'],
    ['ÅSA_x', 'asa_x'],
    ['???', ''],
  ])('are suggested: %s', (title, slug) => {
    expect(slugOf(title)).toBe(slug)
    expect(wrongName(slug)).toBe('')
  })

  it('of copies count up', () => {
    const names = copyNames('a-copy')
    expect([names.next().value, names.next().value]).toEqual(['a-copy', 'a-copy-2'])
  })

  it('are checked', () => {
    expect(wrongName('ñandú_1')).toBe('')
    expect(wrongName('A')).toContain('“A”')
    expect(wrongName('a b')).toContain('spaces')
  })
})

describe('an error of the server', () => {
  it.each([
    ["Job validation failed: can't parse job schedule: unknown time zone Foo.", 'timezone'],
    ['Unable to restore: job "x": can\'t parse job schedule: failed to parse', 'schedule'],
    [
      'Unable to parse payload: job "x": retries must be an integer from 0 to 4294967295, not the string "x".',
      'retries',
    ],
    ['Unable to restore: job "x": Error parsing job timeout value: want', 'executor_config.timeout'],
    ['Unable to parse payload: job "x": executor_config.timeout must be a string, not 1.', 'executor_config.timeout'],
    ['Unable to restore: job "x": parent "nope" is neither in the file nor stored.', 'parents'],
    ['Unable to restore: job "extract" would be its own ancestor.', 'parents'],
    ['Unable to restore: job "x": invalid parents[1].on "foo", use "success"', 'parents[1].on'],
    ['Unable to restore: job "x": invalid retry_backoff.initial 48h0m0s, use 0s to 24h.', 'retry_backoff.initial'],
    ['Job validation failed: objectives.deadline: "x" is no time of day; write HH:MM.', 'objectives.deadline'],
    ['Job validation failed: objectives.max_silence must be from 1s to 8784h, not 10ms.', 'objectives.max_silence'],
    ["Job validation failed: name contains illegal character 'A'.", 'name'],
    ['Job validation failed: invalid concurrency policy value, use "allow"', 'concurrency'],
    ['New job submissions are currently paused', ''],
  ])('belongs to a field: %s', (text, field) => {
    expect(complaintOf(text).field).toBe(field)
  })

  it('may be shown at an enclosing field', () => {
    expect(placesOf('parents[1].on')).toEqual(['parents[1].on', 'parents[1]', 'parents'])
  })
})

describe('the local checks', () => {
  const notesOf = (f: Form) => notesWith(f, fieldsOf(executors, f.executor))
  const form = formOf({ name: 'a', schedule: '@daily', executor: 'shell', executor_config: { command: 'true' } })

  it('accept a valid form', () => {
    expect(notesOf(form)).toEqual({})
    expect(missingIn(form)).toEqual({})
  })

  it('find missing fields', () => {
    expect(Object.keys(missingIn(formOf({})))).toEqual(['name', 'schedule', 'executor'])
    expect(Object.keys(missingIn({ ...form, mode: 'parents' }))).toEqual(['parents'])
    expect(notesOf({ ...form, config: [] })['executor_config.command']?.kind).toBe('warning')
  })

  it('find invalid values', () => {
    const wrong = { ...form, catchup: { policy: '', window: '1 day' }, metadata: [newRow('a'), newRow('a')] }
    expect(notesOf(wrong)).toMatchObject({ 'catchup.window': { kind: 'error' }, metadata: { kind: 'error' } })
    expect(notesOf({ ...form, config: [newRow('timeout', 'x')] })['executor_config.timeout']?.kind).toBe('error')
    const twice = [processorRow('log', [newRow('format', 'json'), newRow('format', 'text')])]
    expect(notesOf({ ...form, processors: twice })['processors.log']?.kind).toBe('error')
    expect(notesOf({ ...form, processors: [...twice, processorRow('log')] }).processors?.kind).toBe('error')
    const nameless = [processorRow('', [newRow('format', 'json')])]
    expect(notesOf({ ...form, processors: nameless }).processors?.kind).toBe('error')
  })
})
