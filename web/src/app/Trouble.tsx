import type { ErrorComponentProps } from '@tanstack/react-router'
import { Page } from '@/ui/Page'
import { PartError } from '@/ui/part'
import { Problem } from '@/ui/Problem'
import { useLiveness } from './live'
import { OtherServers } from './OtherServers'
import { reload, useReload } from './reload'

/** Replaces a page that threw an error; the rest keeps working. A page that was not loaded comes when the server is back. */
export function Trouble({ error, reset }: ErrorComponentProps) {
  const missing = error instanceof PartError
  const liveness = useLiveness() // the banner of a server that does not answer has the links
  useReload(missing)
  return (
    <Page title={missing ? 'Waiting for the server' : 'Something went wrong'}>
      <Problem
        error={error instanceof Error ? error : new Error(String(error))}
        what="show this page"
        again={missing ? reload : reset}
      />
      {missing && liveness !== 'offline' && <OtherServers />}
    </Page>
  )
}
