import { queryOptions } from '@tanstack/react-query'
import { api, body } from './client'

/** What jobs have in a field, frequent values first: `owner`, `owner_email`, `metadata` or `metadata.KEY`. */
export const suggestionsQuery = (field: string, text: string) =>
  queryOptions({
    queryKey: ['suggestions', field, text],
    queryFn: async ({ signal }) => {
      const { values } = await body(
        api.GET('/v1/suggestions', { signal, params: { query: { field, text: text || undefined } } }),
      )
      return values.map(v => v.value)
    },
    // Of another field they would be wrong: the key of a pair may change.
    placeholderData: (previous, query) => (query?.queryKey[1] === field ? previous : undefined),
    staleTime: 60_000,
    retry: false,
  })
