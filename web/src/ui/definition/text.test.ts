import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { JobWrite } from '@/api/jobs'
import { curl, json, readable } from './text'

it('writes the same definition the same way', () => {
  const a = json({ schedule: '@hourly', name: 'a', tags: { zone: '1', role: 'web' } })
  const b = json({ tags: { role: 'web', zone: '1' }, name: 'a', schedule: '@hourly' })
  expect(a).toBe(b)
  expect(Object.keys(JSON.parse(a) as object)).toEqual(['name', 'schedule', 'tags'])
})

it('quotes for a shell', () => {
  expect(curl('http://h/v1/jobs', `{"command": "echo 'x'"}`)).toContain(`--data '{"command": "echo '\\''x'\\''"}'`)
})

describe('a definition to read', () => {
  const job = {
    name: 'a',
    executor_config: {
      command: 'set -e\n\n  echo "x"\nexit 3\n',
      env: 'A=1\nB=2',
      odd: ' x\ny',
      'a: b': 'true',
      end: 'a\n\n',
    },
    parents: [{ job: 'b', on: 'failure' }, {}, ['x']],
    retries: 3,
    schedule: '0 30 2 * * *',
    tags: { role: 'web:2', empty: '', no: 'no', colour: '\u001B[31m\nx', tabbed: 'a\tb' },
    disabled: true,
    processors: { log: {} },
    list: [],
    text: 'runs: # daily',
  } as unknown as JobWrite

  it('has blocks where texts have several lines', () => {
    expect(readable({ name: 'a', executor_config: { command: 'one\n  two\n\nthree' } } as JobWrite)).toBe(
      'name: a\nexecutor_config:\n  command: |-\n    one\n      two\n\n    three',
    )
  })

  it('is YAML that says the same', () => expect(parse(readable(job))).toEqual(job))
})
