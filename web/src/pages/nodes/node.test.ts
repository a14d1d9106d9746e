import { describe, expect, it } from 'vitest'
import type { Member } from '@/api/cluster'
import type { Execution } from '@/api/executions'
import { conditionOf, mixed, nodesOf, type Server } from './node'

const member = (name: string, tags: Record<string, string>, statusText = 'alive') =>
  ({ Name: name, Addr: '10.0.0.1', Tags: { version: '1.0', ...tags }, statusText }) as unknown as Member

const server = (name: string, more: Partial<Server> = {}) =>
  ({ name, reachable: true, ready: true, error: '', reason: '', ...more }) as Server

describe('the nodes', () => {
  it('are servers first, by name as people count', () => {
    const nodes = nodesOf([member('web-10', {}), member('s1', { server: 'true' }), member('web-9', {})], [], [])
    expect(nodes.map(n => n.name)).toEqual(['s1', 'web-9', 'web-10'])
  })

  it('have the load that they report', () => {
    const load = { running: 1, high: [{ what: 'cpu', since: '2026-11-29T03:00:00Z' }] }
    const loads = [
      { name: 'a', load },
      { name: 'b', load: null },
    ] as unknown as Parameters<typeof nodesOf>[3]
    const nodes = nodesOf([member('a', {}), member('b', {}), member('c', {})], [], [], loads)
    expect(nodes.map(n => n.load?.high.length)).toEqual([1, undefined, undefined])
  })

  it('show the tags that people gave, not those of dkron itself', () => {
    const tags = { role: 'web', zone: 'a', dc: 'dc1', region: 'global', port: '6868', rpc_addr: 'x' }
    const [node] = nodesOf([member('w', tags)], [], [])
    expect(node!.tags).toEqual([
      ['role', 'web'],
      ['zone', 'a'],
    ])
    const [other] = nodesOf([member('s', { role: 'dkron', server: 'true' })], [], [])
    expect(other!.tags).toEqual([])
  })

  it('have what runs on them', () => {
    const runs = [
      { node_name: 'a', id: '1' },
      { node_name: 'b', id: '2' },
    ] as Execution[]
    const [a] = nodesOf([member('a', {})], [], runs)
    expect(a!.running.map(e => e.id)).toEqual(['1'])
  })

  it('show the worst of their health', () => {
    const of = (status: string, s?: Server) =>
      conditionOf(nodesOf([member('n', {}, status)], s ? [s] : [], [])[0]!).label
    expect(of('alive')).toBe('alive')
    expect(of('failed')).toBe('offline')
    expect(of('left')).toBe('left')
    expect(of('alive', server('n', { reachable: false, error: 'refused' }))).toBe('no answer')
    expect(of('alive', server('n', { ready: false, reason: 'no leader' }))).toBe('not ready')
  })

  it('are mixed if those alive differ in version', () => {
    const old = member('b', { version: '0.9' })
    expect(mixed(nodesOf([member('a', {}), old], [], []))).toBe(true)
    expect(mixed(nodesOf([member('a', {}), member('b', { version: '0.9' }, 'left')], [], []))).toBe(false)
  })
})
