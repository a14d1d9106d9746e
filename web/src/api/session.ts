import { queryOptions } from '@tanstack/react-query'
import { api, body, type Schemas } from './client'
import { ApiError } from './error'

/** Who one is, and what one may do. */
export type Session = Schemas['Session']
export type Verb = keyof Session['may']

/** Who one is; null on a server that does not say, where anybody may do everything. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => {
    try {
      return await body(api.GET('/v1/acl/session', { signal }))
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null
      throw error
    }
  },
  refetchInterval: 60_000,
})

export const signIn = (secret: string) => body(api.POST('/v1/acl/session', { body: { secret } }))

export const signOut = () => body(api.DELETE('/v1/acl/session'))
