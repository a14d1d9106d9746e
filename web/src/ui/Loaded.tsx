import { Skeleton, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { Problem } from './Problem'

interface Props<T> {
  query: { data: T | undefined; error: Error | null; refetch: () => Promise<unknown> }
  /** What is read: `the jobs`. */
  what: string
  /** Lines of the outline that is shown meanwhile. */
  lines?: number
  children: (data: T) => ReactNode
}

/**
 * What was asked of the server: an outline until it is there, then it, and a problem if it could not be had. What is
 * shown already stays when reading it again fails; the header tells that the server does not answer.
 */
export function Loaded<T>({ query, what, lines = 4, children }: Props<T>) {
  if (query.data !== undefined) return children(query.data)
  if (query.error) return <Problem error={query.error} what={`read ${what}`} again={() => void query.refetch()} />
  return (
    <Stack gap="xs" p="xs" component="output" aria-label={`Loading ${what}`}>
      {Array.from({ length: lines }, (_, i) => (
        <Skeleton key={i} h={18} w={`${92 - ((i * 17) % 40)}%`} />
      ))}
    </Stack>
  )
}
