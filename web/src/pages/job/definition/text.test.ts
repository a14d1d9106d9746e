import { expect, it } from 'vitest'
import { curl, json } from './text'

it('writes the same definition the same way', () => {
  const a = json({ schedule: '@hourly', name: 'a', tags: { zone: '1', role: 'web' } })
  const b = json({ tags: { role: 'web', zone: '1' }, name: 'a', schedule: '@hourly' })
  expect(a).toBe(b)
  expect(Object.keys(JSON.parse(a) as object)).toEqual(['name', 'schedule', 'tags'])
})

it('quotes for a shell', () => {
  expect(curl('http://h/v1/jobs', `{"command": "echo 'x'"}`)).toContain(`--data '{"command": "echo '\\''x'\\''"}'`)
})
