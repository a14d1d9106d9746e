import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { examples } from './examples'

it('asks only for paths that the server has', () => {
  const { paths } = parse(readFileSync('../api/openapi.yaml', 'utf8')) as { paths: Record<string, unknown> }
  for (const { command } of examples('http://host/')) {
    const path = new URL(/https?:[^\s'"]+/.exec(command)![0]).pathname.replace('/backup', '/{job}')
    expect(Object.keys(paths)).toContain(path)
  }
})
