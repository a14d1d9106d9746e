import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { clusterQuery, statusQuery, type Survey } from '@/api/cluster'
import { pageURL } from '@/api/client'

/** Where the pages of the cluster's servers are, remembered for the time when this one does not answer. */

interface Server {
  name: string
  /** Host and port. */
  address: string
}

const key = 'dkron.servers'

/** Keeps the list of the other servers up to date. */
export function useRemember() {
  const { data: survey } = useQuery(clusterQuery)
  const { data: status } = useQuery(statusQuery)
  const self = status?.agent.name
  useEffect(() => {
    if (!survey || !self) return
    try {
      localStorage.setItem(key, JSON.stringify(others(survey, self, known())))
    } catch {
      // Storage is full or forbidden: there will be no links.
    }
  }, [survey, self])
}

/** The servers but this one. One that was not reached keeps the address that it had; one that was removed is forgotten. */
export function others({ servers }: Survey, self: string, before: readonly Server[]): Server[] {
  return servers
    .filter(server => server.name !== self)
    .map(({ name, http_address }) => ({
      name,
      // A server of an older version does not report it.
      address: http_address || before.find(b => b.name === name)?.address || '',
    }))
    .filter(server => server.address)
}

/** The other servers, as far as they are known. */
export function known(): Server[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(list) ? list.filter(isServer) : []
  } catch {
    return []
  }
}

const isServer = (value: unknown): value is Server =>
  typeof value === 'object' && value !== null && 'name' in value && 'address' in value && isHost(value.address)

// What is remembered becomes the host of a link.
const isHost = (address: unknown) => typeof address === 'string' && /^[\w.:[\]-]+$/.test(address)

/** The address of the current page on another server. It may be behind a proxy here, but is not there. */
export function pageOn({ address }: Server, here = globalThis.location.href): string {
  const place = here.startsWith(pageURL.href) ? here.slice(pageURL.href.length) : ''
  return `http://${address}/ui/${place}`
}
