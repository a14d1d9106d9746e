import { ActionIcon, Menu, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { timeOf } from '@/api/client'
import { sessionQuery, signOut, type Session } from '@/api/session'
import { signedOut } from '@/api/signedOut'
import { attempt } from '@/ui/act'
import { Icon } from '@/ui/Icon'
import { When } from '@/ui/When'

/** Who is signed in, and the way out; nothing without access control. */
export function Account() {
  const { data: session } = useQuery({ ...sessionQuery, enabled: false }) // the application loads it
  if (!session?.access_control) return null
  return (
    <Menu position="bottom-end" width={240} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon size="lg" aria-label={`Account of ${session.name}`} title={`Signed in as ${session.name}`}>
          <Icon name="person" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          Signed in as <b>{session.name}</b>
          <Rights session={session} />
        </Menu.Label>
        {session.how === 'header' && <Menu.Label>The proxy in front has signed you in; sign out there.</Menu.Label>}
        {session.signed_in && <Out />}
      </Menu.Dropdown>
    </Menu>
  )
}

function Rights({ session }: { session: Session }) {
  const end = timeOf(session.expires_at)
  return (
    <Text size="xs" c="dimmed" component="div">
      {session.type === 'management' ? 'May do everything' : `Policies: ${session.policies.join(', ')}`}
      {end && (
        <div>
          Ends <When at={end} />
        </div>
      )}
    </Text>
  )
}

function Out() {
  const queries = useQueryClient()
  async function leave() {
    if (!(await attempt('sign out', signOut))) return
    queries.clear() // nothing of it stays in this tab
    signedOut.begin(null)
  }
  return <Menu.Item onClick={() => void leave()}>Sign out</Menu.Item>
}
