import { Alert, Button, Group, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { clusterKeys, leaderQuery, pauseQuery, setPaused } from '@/api/cluster'
import { attempt } from '@/ui/act'
import { Icon } from '@/ui/Icon'
import { May } from '@/ui/may'
import { useLiveness } from './live'
import { Notices } from './Notices'
import { OtherServers } from './OtherServers'
import { useRemember } from './servers'

/** Conditions that concern every page: no answer, no leader, frozen changes, notices. */
export function Weather() {
  const liveness = useLiveness()
  const leader = useQuery(leaderQuery)
  const pause = useQuery(pauseQuery)
  const queries = useQueryClient()
  useRemember()

  if (liveness === 'offline') {
    return (
      <Strip color="red" title="This server does not answer">
        <Text size="sm">You see its last data. The page reconnects by itself.</Text>
        <OtherServers />
      </Strip>
    )
  }
  if (leader.data === null) {
    return (
      <Strip color="yellow" title="The cluster has no leader">
        Nothing starts and nothing can be changed until a majority of servers elects one, usually within seconds. If it
        takes longer, check the servers under Nodes.
      </Strip>
    )
  }
  if (pause.data?.paused) {
    const resume = async () => {
      await attempt('unfreeze job changes', () => setPaused(false))
      await queries.invalidateQueries({ queryKey: clusterKeys.all })
    }
    return (
      <Strip color="yellow" title="Job changes are frozen">
        <Group justify="space-between">
          Jobs can’t be created, changed or reverted. Schedules and runs continue.
          <May verb="admin" all>
            <Button size="xs" variant="default" onClick={() => void resume()}>
              Unfreeze
            </Button>
          </May>
        </Group>
      </Strip>
    )
  }
  return <Notices />
}

function Strip({ color, title, children }: { color: string; title: string; children: React.ReactNode }) {
  return (
    <Alert color={color} variant="light" icon={<Icon name="alert" />} title={title} mb="md" role="alert">
      {children}
    </Alert>
  )
}
