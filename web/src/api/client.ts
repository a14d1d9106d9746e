import createClient, { type Middleware } from 'openapi-fetch'
import type { components, paths } from './schema'
import { ApiError, frozen, nothing } from './error'
import { signedOut } from './signedOut'

export type Schemas = components['schemas']

/** The page's address, such as `https://host/prefix/ui/`; the server writes <base>. */
export const pageURL = new URL('./', document.baseURI)

/** The base of the server's other paths: `https://host/prefix/`. */
export const serverURL = new URL('../', pageURL)

/** The URL of a path of the server, such as `v1/export`. */
export function urlOf(path: string, query?: Record<string, string | undefined>): string {
  const url = new URL(path, serverURL)
  for (const [key, value] of Object.entries(query ?? {})) if (value !== undefined) url.searchParams.set(key, value)
  return url.href
}

/** Whether the server answers with the page. */
export async function answers(): Promise<boolean> {
  try {
    return (await globalThis.fetch(new Request(pageURL, { cache: 'no-store' }))).ok
  } catch {
    return false
  }
}

const paused = 'New job submissions are currently paused' // the public API's text
const patience = 45_000 // ms; the server itself gives up after 40 s

const failures: Middleware = {
  async onResponse({ response }) {
    if (response.ok || response.status === 304) return
    const text = response.headers.get('content-type')?.startsWith('text/html') ? '' : (await response.text()).trim()
    throw new ApiError(response.status, text === paused ? frozen : text || nameOf(response.status))
  },
  onError({ error }) {
    if (error instanceof ApiError || (error instanceof DOMException && error.name === 'AbortError')) return
    if (error instanceof DOMException && error.name === 'TimeoutError')
      return new ApiError(0, 'The server took too long.')
    return new ApiError(0, 'The server does not answer.')
  },
}

function nameOf(status: number): string {
  if (status === 404) return nothing
  return `The server answered with status ${status}.`
}

const forSignIn = /\/v1\/(?:acl\/session|signin)$/

async function ask(request: Request): Promise<Response> {
  const turn = signedOut.turn()
  // Nothing else is asked while nobody is signed in: it would be refused.
  if (signedOut.state() && !forSignIn.test(request.url)) throw new ApiError(401, 'Sign in first.')
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(patience)])
  const response = await globalThis.fetch(request, { signal })
  if (response.status === 401 && turn === signedOut.turn()) signedOut.begin(response.headers.get('WWW-Authenticate'))
  return response
}

/** Typed by the server's OpenAPI document. Throws ApiError on every answer that is not a success. */
export const api = createClient<paths>({
  baseUrl: serverURL.href.replace(/\/$/, ''),
  // The server requires it of requests that change something, also behind a proxy that hides the origin.
  headers: { 'Content-Type': 'application/json' },
  fetch: ask,
})
api.use(failures)

/** The body of an answer. The client has already thrown if there is none. */
export async function body<T>(answer: Promise<{ data?: T; response: Response }>): Promise<T> {
  return (await answer).data as T
}

/** A slice of a list and the length of the whole list. */
export interface Slice<T> {
  items: T[]
  total: number
}

export async function slice<T>(answer: Promise<{ data?: T[]; response: Response }>): Promise<Slice<T>> {
  const { data = [], response } = await answer
  return { items: data, total: Number(response.headers.get('X-Total-Count') ?? data.length) }
}

/** A page of a list that only goes forward. */
interface Portion<T> {
  items: T[]
  /** The cursor of the next page; absent on the last. */
  next?: string
}

export async function portion<T>(answer: Promise<{ data?: T[]; response: Response }>): Promise<Portion<T>> {
  const { data = [], response } = await answer
  return { items: data, next: response.headers.get('X-Next-Cursor') ?? undefined }
}

/** The API's “no time” where it has no null. */
const never = '0001-01-01T00:00:00Z'

/** A time of the API, or undefined if there is none. */
export function timeOf(text: string | null | undefined): Date | undefined {
  return text && text !== never ? new Date(text) : undefined
}
