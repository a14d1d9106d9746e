import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { sessionQuery, type Verb } from '@/api/session'
import { Empty } from './Empty'
import { Page } from './Page'

/**
 * Returns whether the person may do something with any job; with `all`, with all jobs together. What is not known yet is
 * allowed: the server decides, and says what is missing.
 */
export function useMay(): (verb: Verb, all?: 'all') => boolean {
  const { data } = useQuery({ ...sessionQuery, enabled: false }) // the application loads it
  return (verb, all) => !data || data.may[verb] === 'all' || (!all && data.may[verb] === 'some')
}

interface Props {
  verb: Verb
  /** Only if it is allowed with all jobs. */
  all?: boolean
  children: ReactNode
}

/** Shows what does something only to those who may do it. */
export function May({ verb, all, children }: Props) {
  return useMay()(verb, all ? 'all' : undefined) && children
}

/** Replaces a page that is for those who may do something. */
export function For({ verb, title, children }: { verb: Verb; title: string; children: ReactNode }) {
  const { data } = useQuery({ ...sessionQuery, enabled: false })
  if (useMay()(verb)) return children
  return (
    <Page title={title}>
      <Empty icon="ban" title="You may not do this">
        {data?.how === 'openid' ? (
          <>
            You lack the right <code>{verb}</code>. Ask whoever manages this cluster to give one of your groups a policy
            that has it, then sign in again.
          </>
        ) : data?.how === 'header' ? (
          <>
            You lack the right <code>{verb}</code>. Ask whoever manages this cluster to give one of your groups a policy
            that has it.
          </>
        ) : (
          <>
            Your token lacks the right <code>{verb}</code>. Ask whoever manages the tokens of this cluster for one with
            a policy that has it.
          </>
        )}
      </Empty>
    </Page>
  )
}
