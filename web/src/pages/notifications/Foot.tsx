import { Button, Group } from '@mantine/core'
import { LinkButton } from '@/ui/link'
import { Problem } from '@/ui/Problem'
import type { Saving } from '@/ui/saving'
import type { Tab } from './search'

interface Props {
  tab: Tab
  /** What is saved: `the channel`. */
  what: string
  saving: Saving
  /** The button's word. */
  verb?: string
}

/** The end of a form: what went wrong, save, cancel. */
export function Foot({ tab, what, saving, verb = 'Save' }: Props) {
  return (
    <>
      {saving.rest && (
        <div style={{ marginTop: 16 }}>
          <Problem error={saving.rest} what={`save ${what}`} />
        </div>
      )}
      <Group mt="lg">
        <Button type="submit" loading={saving.busy}>
          {verb}
        </Button>
        <LinkButton variant="default" to="/notifications" search={{ tab }}>
          Cancel
        </LinkButton>
      </Group>
    </>
  )
}
