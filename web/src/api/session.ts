import { queryOptions } from '@tanstack/react-query'
import { api, body, pageURL, urlOf, type Schemas } from './client'
import { ApiError } from './error'

/** Who one is, and what one may do. */
export type Session = Schemas['Session']
export type Verb = keyof Session['may']

/** Asks the server who one is; null on a server that does not say, where anybody may do everything. */
export async function whoAmI(signal?: AbortSignal): Promise<Session | null> {
  try {
    return await body(api.GET('/v1/acl/session', { signal }))
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null
    throw error
  }
}

/** Who one is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => whoAmI(signal),
  refetchInterval: 60_000,
})

/** Whether two sessions are of the same token or person. */
export const same = (a: Session | null | undefined, b: Session) =>
  a?.how === b.how && a.accessor === b.accessor && a.subject === b.subject

/** How one can sign in; null on a server of an earlier version, where a token is the only way. */
export const waysQuery = queryOptions({
  queryKey: ['signin'],
  queryFn: async ({ signal }) => {
    try {
      return await body(api.GET('/v1/signin', { signal }))
    } catch {
      return null // a token is always worth a try
    }
  },
  staleTime: Infinity, // why a sign-in failed is answered only once
  gcTime: 0,
})

/** Where the browser goes to sign in with OpenID Connect, and come back to a page. */
export function openID(from = globalThis.location.href): string {
  const back = from.startsWith(pageURL.href) ? from.slice(pageURL.href.length) : ''
  return urlOf('v1/signin/openid', { return: back || undefined })
}

export const signIn = (secret: string) => body(api.POST('/v1/acl/session', { body: { secret } }))

export const signOut = () => body(api.DELETE('/v1/acl/session'))
