import { Skeleton, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { Problem } from './Problem'

interface Props<T> {
  query: { data: T | undefined; error: Error | null; refetch: () => Promise<unknown> }
  /** What is loaded: `the jobs`. */
  what: string
  /** Lines of the placeholder. */
  lines?: number
  children: (data: T) => ReactNode
}

/**
 * A query’s data, a placeholder until it is there, or the error. Data that is shown stays when a reload fails; a banner
 * says that the server does not answer.
 */
export function Loaded<T>({ query, what, lines = 4, children }: Props<T>) {
  if (query.data !== undefined) return children(query.data)
  if (query.error) return <Problem error={query.error} what={`load ${what}`} again={() => void query.refetch()} />
  return (
    <Stack gap="xs" p="xs" component="output" aria-label={`Loading ${what}`}>
      {Array.from({ length: lines }, (_, i) => (
        <Skeleton key={i} h={18} w={`${92 - ((i * 17) % 40)}%`} />
      ))}
    </Stack>
  )
}
