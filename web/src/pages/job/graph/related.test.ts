import { QueryClient } from '@tanstack/react-query'
import { afterEach, expect, it, vi } from 'vitest'
import { knownRelated, relatedQuery } from './related'

afterEach(() => vi.unstubAllGlobals())

const jobs: Record<string, object> = {
  a: { name: 'a', parents: [], dependent_jobs: ['b'] },
  b: { name: 'b', parents: [{ job: 'a' }, { job: 'c' }], dependent_jobs: null },
  c: { name: 'c', parents: [], dependent_jobs: ['b', 'gone'] },
}

const answering = (answer: (path: string) => Response) =>
  vi.stubGlobal('fetch', async (request: Request) => answer(new URL(request.url).pathname))

it('loads all at once, with the total', async () => {
  answering(() => Response.json(Object.values(jobs), { headers: { 'X-Total-Count': '700' } }))
  const client = new QueryClient()
  const related = await client.fetchQuery(relatedQuery('a'))
  expect(related.total).toBe(700)
  expect(knownRelated(client, 'c')).toBe(related)
  expect(knownRelated(client, 'z')).toBeUndefined()
})

it('says that there is no such job', async () => {
  answering(() => new Response('', { status: 404 }))
  await expect(new QueryClient().fetchQuery({ ...relatedQuery('z'), retry: false })).rejects.toThrow('Not found')
})
