import { queryOptions } from '@tanstack/react-query'
import { api, body, type Schemas } from './client'
import { ApiError } from './error'

/** A plugin of a node. */
export type Plugin = Schemas['Plugin']
/** The plugins of the nodes that answered. */
export type Plugins = Schemas['Plugins']

const none: Plugins = { plugins: [], unreachable: [] }

/** The plugins of all nodes, or of one. An older server reports none, and neither does one that does not know the node. */
export const pluginsQuery = (node?: string) =>
  queryOptions({
    queryKey: ['plugins', node ?? ''],
    queryFn: async ({ signal }): Promise<Plugins> => {
      try {
        return await body(api.GET('/v1/plugins', { signal, params: { query: { node } } }))
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return none
        throw error
      }
    },
    // Each answer makes the server ask the nodes.
    refetchInterval: node ? 5000 : 60_000,
  })

/** Gives new executions of a plugin a fresh process. */
export const restartPlugin = ({ node, kind, name }: Plugin) =>
  body(api.POST('/v1/nodes/{node}/plugins/{kind}/{name}/restart', { params: { path: { node, kind, name } } }))
