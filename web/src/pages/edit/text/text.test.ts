import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { fleetJobs } from '../../../../e2e/fleet'
import { print, rangeOf, read } from './document'
import { executors } from '../testing'
import { helpAt, offers } from './help'
import { jobPart, partAt, unknownKeys } from './schema'
import { spotAt } from './spot'

const odd = [
  {
    name: 'a',
    executor_config: { command: 'x: |\n  y\n\ttab ', on: 'yes', n: '1e3', empty: '' },
    tags: { '~': 'null' },
  },
  { name: 'b', future: [1, null, { a: true }], schedule: '@every 1m' },
  {},
]

describe.each(['json', 'yaml'] as const)('%s', language => {
  it.each([...fleetJobs, ...odd])('gives back what it printed: $name', definition => {
    expect(read(print(definition, language), language).definition).toEqual(definition)
  })

  it('says where it is not valid', () => {
    const text = language === 'json' ? '{\n  "name": "a",\n  "retries": ,\n}' : 'name: a\nretries: [1\ntags: {}'
    const { marks } = read(text, language)
    expect(marks?.length).toBeGreaterThan(0)
    expect(text.slice(0, marks![0]!.from).split('\n').length).toBeGreaterThan(1)
  })

  it('is an object', () => {
    expect(read('[1]', language).marks).toHaveLength(1)
  })

  it('knows where a path is written', () => {
    const text = print({ name: 'a', parents: [{ job: 'x' }, { job: 'y', on: 'z' }], tags: { 'a.b': 'c' } }, language)
    const at = (path: string) => {
      const { from, to } = rangeOf(text, path)
      return text.slice(from, to).replaceAll('"', '')
    }
    expect(at('parents[1].on')).toBe('on: z')
    expect(at('tags.a.b')).toBe('a.b: c')
    expect(at('parents[0].nothing')).toContain(language === 'json' ? '' : 'job')
  })
})

/** What is known of the place that a | marks. */
function spotIn(marked: string, language: 'json' | 'yaml') {
  const { path, key, word } = spotAt(marked.replace('|', ''), marked.indexOf('|'), language)
  return [path.join('.'), key, word]
}

describe('the place of the cursor', () => {
  it.each([
    ['{"na|', ['', undefined, 'na']],
    ['{"name": "a", |', ['', undefined, '']],
    ['{"name": "a", "concurrency": "fo|"}', ['', 'concurrency', 'fo']],
    ['{"parents": [{"job": "x"}, {"on": "|', ['parents', 'on', '']],
    ['{"catchup": {"po|', ['catchup', undefined, 'po']],
    ['{"a": {"b": 1}, "c|', ['', undefined, 'c']],
  ])('in JSON: %s', (marked, spot) => {
    expect(spotIn(marked, 'json')).toEqual(spot)
  })

  it.each([
    ['na|', ['', undefined, 'na']],
    ['name: a\nconcurrency: fo|', ['', 'concurrency', 'fo']],
    ['catchup:\n  po|', ['catchup', undefined, 'po']],
    ['parents:\n  - job: x\n    on: a|', ['parents', 'on', 'a']],
    ['parents:\n- j|', ['parents', undefined, 'j']],
    ['tags:\n  a: b\nsch|', ['', undefined, 'sch']],
  ])('in YAML: %s', (marked, spot) => {
    expect(spotIn(marked, 'yaml')).toEqual(spot)
  })
})

describe('the schema', () => {
  const job = jobPart(parse(readFileSync('../api/openapi.yaml', 'utf8')))
  const labels = (path: string[], key?: string) =>
    offers({ path, key, from: 0, word: '' }, { job, executors }, 'http').map(offer => offer.label)

  it('offers keys and words', () => {
    expect(labels([])).toEqual(expect.arrayContaining(['name', 'schedule', 'starts_at', 'parents']))
    expect(labels([], 'concurrency')).toEqual(['allow', 'forbid', 'queue', 'replace'])
    expect(labels(['parents'])).toEqual(['job', 'on'])
    expect(labels(['parents'], 'on')).toEqual(['success', 'failure', 'always'])
    expect(labels([], 'disabled')).toEqual(['true', 'false'])
    expect(labels(['executor_config'])).toEqual(['method', 'url'])
    expect(labels(['executor_config'], 'method')).toEqual(['GET', 'POST'])
    expect(labels([], 'executor')).toContain('shell')
  })

  it('says what a key means', () => {
    const help = helpAt({ path: ['catchup'], from: 0, word: '' }, 'window', { job, executors }, '')
    expect(help).toMatchObject({ title: 'catchup.window', description: expect.stringContaining('missed') as string })
    expect(partAt(job, ['tags'])?.type).toBe('object')
  })

  it('finds keys that mean nothing', () => {
    const definition = { name: 'a', revision: 3, shedule: 'x', tags: { any: 'x' }, parents: [{ job: 'a', onn: 'x' }] }
    expect(unknownKeys(definition, job)).toEqual(['shedule', 'parents[0].onn'])
  })
})
