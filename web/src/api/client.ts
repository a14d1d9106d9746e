import createClient, { type Middleware } from 'openapi-fetch'
import type { components, paths } from './schema'
import { ApiError, nothing } from './error'

export type Schemas = components['schemas']

/** Where the page lives, such as `https://host/prefix/ui/`; the server writes <base>. */
export const pageURL = new URL('./', document.baseURI)

/** Where the server's other paths live: `https://host/prefix/`. */
export const serverURL = new URL('../', pageURL)

/** The URL of a path of the server, such as `v1/export`. */
export function urlOf(path: string, query?: Record<string, string | undefined>): string {
  const url = new URL(path, serverURL)
  for (const [key, value] of Object.entries(query ?? {})) if (value !== undefined) url.searchParams.set(key, value)
  return url.href
}

const patience = 45_000 // ms; the server itself gives up after 40 s

const failures: Middleware = {
  async onResponse({ response }) {
    if (response.ok || response.status === 304) return
    const text = response.headers.get('content-type')?.startsWith('text/html') ? '' : (await response.text()).trim()
    throw new ApiError(response.status, text || nameOf(response.status))
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

/** Typed after the server's OpenAPI document. Throws ApiError on every answer that is no success. */
export const api = createClient<paths>({
  baseUrl: serverURL.href.replace(/\/$/, ''),
  // A changing request of a page needs it, also where a proxy hides from the server that the origin is its own.
  headers: { 'Content-Type': 'application/json' },
  fetch: (request: Request) =>
    globalThis.fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(patience)]) }),
})
api.use(failures)

/** The body of an answer. The client has thrown if there was none to be had. */
export async function body<T>(answer: Promise<{ data?: T; response: Response }>): Promise<T> {
  return (await answer).data as T
}

/** A slice of a list and how long the whole is. */
export interface Slice<T> {
  items: T[]
  total: number
}

export async function slice<T>(answer: Promise<{ data?: T[]; response: Response }>): Promise<Slice<T>> {
  const { data = [], response } = await answer
  return { items: data, total: Number(response.headers.get('X-Total-Count') ?? data.length) }
}

/** A page of a list that only goes forward. */
export interface Portion<T> {
  items: T[]
  /** Where the next one begins; absent on the last. */
  next?: string
}

export async function portion<T>(answer: Promise<{ data?: T[]; response: Response }>): Promise<Portion<T>> {
  const { data = [], response } = await answer
  return { items: data, next: response.headers.get('X-Next-Cursor') ?? undefined }
}

/** No time, where the API has no null. */
const never = '0001-01-01T00:00:00Z'

/** A time of the API, or undefined if it says that there is none. */
export function timeOf(text: string | null | undefined): Date | undefined {
  return text && text !== never ? new Date(text) : undefined
}
