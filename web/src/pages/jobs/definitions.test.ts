import { describe, expect, it } from 'vitest'
import { readJobs } from './definitions'

describe('a text with jobs', () => {
  it('is one job or many, in JSON', async () => {
    expect(await readJobs('{"name":"a"}')).toEqual([{ name: 'a' }])
    expect(await readJobs(' [{"name":"a"},{"name":"b"}]')).toHaveLength(2)
  })

  it('is one job or many, in YAML', async () => {
    expect(await readJobs('name: a\nschedule: "@daily"\n')).toEqual([{ name: 'a', schedule: '@daily' }])
    expect(await readJobs('- name: a\n- name: b\n')).toHaveLength(2)
    expect(await readJobs('name: a\n---\nname: b\n')).toHaveLength(2)
  })

  it.each([
    ['', 'It is empty.'],
    ['[]', 'It contains no job.'],
    ['[{"name":"a"},{}]', 'Entry 2 has no name.'],
    ['[1]', 'Entry 1 is not a job.'],
    ['[{"name":"a"},{"name":"a"}]', 'Entry 2 repeats the name a.'],
    ['{"name":', /^Not valid JSON: /],
    ['name: [a\nb: c', /^Not valid YAML: .* line \d/],
  ])('is refused with a reason: %s', async (text, reason) => {
    await expect(readJobs(text)).rejects.toThrow(reason)
  })
})
