import { queryOptions } from '@tanstack/react-query'
import { api, body, slice, type Schemas } from './client'

/** A secret without its value, which nobody can read. */
export type Secret = Schemas['Secret']
type SecretWrite = Schemas['SecretWrite']

export const secretKeys = { all: ['secrets'] as const }

export const secretsQuery = queryOptions({
  queryKey: [...secretKeys.all, 'list'],
  queryFn: async ({ signal }) => (await slice(api.GET('/v1/secrets', { signal }))).items,
})

/** The keys that secrets are encrypted with. */
export const encryptionQuery = queryOptions({
  queryKey: [...secretKeys.all, 'keys'],
  queryFn: async ({ signal }) => (await slice(api.GET('/v1/secret-keys', { signal }))).items,
})

export const putSecret = (name: string, secret: SecretWrite) =>
  body(api.PUT('/v1/secrets/{name}', { params: { path: { name } }, body: secret }))

/** Removes a secret; with `force`, although jobs or channels refer to it. */
export const deleteSecret = (name: string, force: boolean) =>
  body(api.DELETE('/v1/secrets/{name}', { params: { path: { name }, query: { force } } }))
