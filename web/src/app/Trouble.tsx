import type { ErrorComponentProps } from '@tanstack/react-router'
import { Page } from '@/ui/Page'
import { Problem } from '@/ui/Problem'

/** In place of a page that broke. The rest goes on. */
export function Trouble({ error, reset }: ErrorComponentProps) {
  return (
    <Page title="Something is wrong">
      <Problem error={error instanceof Error ? error : new Error(String(error))} what="show this page" again={reset} />
    </Page>
  )
}
