import { modals } from '@mantine/modals'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Fragment, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react'
import { same, sessionQuery, type Session } from '@/api/session'
import { signedOut } from '@/api/signedOut'
import { SignIn } from './SignIn'

/**
 * The page, or a form to sign in if the server wants to know who asks. When a session ends while somebody works, the form
 * covers the page, which stays as it is below.
 */
export function Gate({ children }: { children: ReactNode }) {
  const queries = useQueryClient()
  const out = useSyncExternalStore(signedOut.subscribe, signedOut.state)
  const { data: session } = useQuery({ ...sessionQuery, enabled: !out })
  const [person, setPerson] = useState(0) // another person gets another page
  const ended = Boolean(out && session)

  useEffect(() => {
    if (out) modals.closeAll() // they would cover the form
  }, [out])

  function done(fresh: Session) {
    if (!same(session, fresh)) {
      queries.clear()
      setPerson(person + 1)
    }
    queries.setQueryData(sessionQuery.queryKey, fresh)
    signedOut.end()
    void queries.invalidateQueries()
  }

  return (
    <>
      {(!out || ended) && (
        <div inert={ended}>
          <Fragment key={person}>{children}</Fragment>
        </div>
      )}
      {out && <SignIn out={out} ended={ended} done={done} />}
    </>
  )
}
