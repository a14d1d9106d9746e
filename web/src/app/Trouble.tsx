import type { ErrorComponentProps } from '@tanstack/react-router'
import { Page } from '@/ui/Page'
import { PartError } from '@/ui/part'
import { Problem } from '@/ui/Problem'
import { OtherServers } from './OtherServers'
import { reload, useReload } from './reload'

/** Replaces a page that threw an error; the rest keeps working. A page that was not loaded comes when the server is back. */
export function Trouble({ error, reset }: ErrorComponentProps) {
  const missing = error instanceof PartError
  useReload(missing)
  return (
    <Page title={missing ? 'Waiting for the server' : 'Something went wrong'}>
      <Problem
        error={error instanceof Error ? error : new Error(String(error))}
        what="show this page"
        again={missing ? reload : reset}
      />
      {missing && <OtherServers />}
    </Page>
  )
}
