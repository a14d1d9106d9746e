import { queryOptions } from '@tanstack/react-query'
import { ApiError } from './error'
import { api, body, slice, type Schemas } from './client'

export type Member = Schemas['ListedMember']
/** What all servers report. */
export type Survey = Schemas['Cluster']
export type Settings = Schemas['Settings']

export const clusterKeys = { all: ['cluster'] as const }

/** The status of the server that serves the page. */
export const statusQuery = queryOptions({
  queryKey: [...clusterKeys.all, 'status'],
  queryFn: ({ signal }) => body(api.GET('/v1', { signal })),
  staleTime: 60_000,
})

export const membersQuery = queryOptions({
  queryKey: [...clusterKeys.all, 'members'],
  queryFn: async ({ signal }) => (await slice(api.GET('/v1/members', { signal }))).items,
})

export const pauseQuery = queryOptions({
  queryKey: [...clusterKeys.all, 'pause'],
  queryFn: ({ signal }) => body(api.GET('/v1/pause', { signal })),
})

export const setPaused = (paused: boolean) => body(paused ? api.POST('/v1/pause') : api.POST('/v1/unpause'))

export const settingsQuery = queryOptions({
  queryKey: [...clusterKeys.all, 'settings'],
  queryFn: ({ signal }) => body(api.GET('/v1/settings', { signal })),
})

export const putSettings = (settings: Settings) => body(api.PUT('/v1/settings', { body: settings }))

/** The leader, or null if there is none now. */
export const leaderQuery = queryOptions({
  queryKey: [...clusterKeys.all, 'leader'],
  queryFn: async ({ signal }) => {
    try {
      return await body(api.GET('/v1/leader', { signal }))
    } catch (error) {
      if (error instanceof ApiError && error.status === 503) return null
      throw error
    }
  },
  refetchInterval: 5000,
})

/** The state of every server, as collected by the one that answers. */
export const clusterQuery = queryOptions({
  queryKey: [...clusterKeys.all, 'servers'],
  queryFn: ({ signal }) => body(api.GET('/v1/cluster', { signal })),
  refetchInterval: 5000,
})

/** How busy every node is, as it reports it. */
export const nodesQuery = queryOptions({
  queryKey: [...clusterKeys.all, 'nodes'],
  queryFn: async ({ signal }) => (await slice(api.GET('/v1/nodes', { signal }))).items,
  refetchInterval: 5000,
})

export type Step = '1m' | '5m' | '15m' | '1h'

/** Ended executions and start delays per step, for up to 24 hours. */
export const minutesQuery = (step: Step, since?: string) =>
  queryOptions({
    queryKey: ['figures', 'minutes', step, since],
    queryFn: async ({ signal }) =>
      (await body(api.GET('/v1/stats/minutes', { signal, params: { query: { step, since } } }))).minutes,
  })
