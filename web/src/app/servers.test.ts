import { beforeEach, expect, test } from 'vitest'
import type { Survey } from '@/api/cluster'
import { known, others, pageOn } from './servers'

const survey = (...servers: [name: string, http_address: string][]) =>
  ({ servers: servers.map(([name, http_address]) => ({ name, http_address })) }) as unknown as Survey

beforeEach(() => localStorage.clear())

test('the other servers are remembered; one that is down keeps its address, one that is gone is forgotten', () => {
  const before = [
    { name: 's2', address: '10.0.0.2:8080' },
    { name: 's9', address: '10.0.0.9:8080' },
  ]
  expect(
    others(survey(['s1', '10.0.0.1:8080'], ['s2', ''], ['s3', '10.0.0.3:8080'], ['s4', '']), 's1', before),
  ).toEqual([
    { name: 's2', address: '10.0.0.2:8080' },
    { name: 's3', address: '10.0.0.3:8080' },
  ])
})

test('the link leads to the same place, without the path of a proxy', () => {
  const server = { name: 's2', address: '10.0.0.2:8080' }
  expect(pageOn(server, `${new URL('./', document.baseURI).href}jobs?search=a`)).toBe(
    'http://10.0.0.2:8080/ui/jobs?search=a',
  )
  expect(pageOn(server, 'https://elsewhere/x')).toBe('http://10.0.0.2:8080/ui/')
})

test('what is stored but is no server is ignored', () => {
  expect(known()).toEqual([])
  localStorage.setItem('dkron.servers', '{')
  expect(known()).toEqual([])
  localStorage.setItem('dkron.servers', '[{"name":"a","address":"b/c?d"},{"name":"s2","address":"[fd00::2]:8080"},1]')
  expect(known()).toEqual([{ name: 's2', address: '[fd00::2]:8080' }])
})
