import type { ErrorComponentProps } from '@tanstack/react-router'
import { Page } from '@/ui/Page'
import { Problem } from '@/ui/Problem'

/** Replaces a page that threw an error; the rest keeps working. */
export function Trouble({ error, reset }: ErrorComponentProps) {
  return (
    <Page title="Something went wrong">
      <Problem error={error instanceof Error ? error : new Error(String(error))} what="show this page" again={reset} />
    </Page>
  )
}
