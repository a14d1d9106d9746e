import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { executors, fieldsOf } from './executors'

/** The keys that the API's document names for an executor. */
function documented(executor: string): string[] {
  const document = parse(readFileSync('../api/openapi.yaml', 'utf8')) as {
    components: { schemas: { JobDefinition: { properties: { executor_config: { description: string } } } } }
  }
  const text = document.components.schemas.JobDefinition.properties.executor_config.description
  const sentence = new RegExp(`\`${executor}\`: ([^.]+)\\.`).exec(text.replaceAll('\n', ' '))?.[1] ?? ''
  return [...sentence.matchAll(/`([^`]+)`/g)].map(match => match[1]!)
}

describe('the catalogue of executors', () => {
  it.each(['shell', 'http'])('knows every key that the API documents for %s', executor => {
    const keys = documented(executor)
    expect(keys.length).toBeGreaterThan(5)
    expect(fieldsOf(executor).map(field => field.key)).toEqual(expect.arrayContaining(keys))
  })

  it('names each key once, and says what it is', () => {
    for (const executor of executors) {
      const keys = executor.fields.map(field => field.key)
      expect(new Set(keys).size).toBe(keys.length)
      for (const field of executor.fields) {
        expect(field.help).toMatch(/[^.]$|\.$/)
        expect(field.kind === 'choice').toBe(field.choices !== undefined)
      }
    }
  })
})
