import { Alert, Button, Group } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { clusterKeys, leaderQuery, pauseQuery, setPaused } from '@/api/cluster'
import { attempt } from '@/ui/act'
import { Icon } from '@/ui/Icon'
import { useLiveness } from './live'
import { Notices } from './Notices'

/** What holds for all pages and should not be overlooked. */
export function Weather() {
  const liveness = useLiveness()
  const leader = useQuery(leaderQuery)
  const pause = useQuery(pauseQuery)
  const queries = useQueryClient()

  if (liveness === 'offline') {
    return (
      <Strip color="red" title="This server does not answer">
        What you see is what it last said. The page goes on by itself when it is back; every other server of the cluster
        shows the same page.
      </Strip>
    )
  }
  if (leader.data === null) {
    return (
      <Strip color="yellow" title="The cluster has no leader">
        Nothing is fired and nothing can be changed until a majority of the servers has chosen one. That takes a few
        seconds; if it lasts, look at the servers on the page Nodes.
      </Strip>
    )
  }
  if (pause.data?.paused) {
    const resume = async () => {
      await attempt('take new jobs again', () => setPaused(false))
      await queries.invalidateQueries({ queryKey: clusterKeys.all })
    }
    return (
      <Strip color="yellow" title="Writes of jobs are paused">
        <Group justify="space-between">
          Jobs can’t be created, changed or reverted. Schedules and runs go on.
          <Button size="xs" variant="default" onClick={() => void resume()}>
            Take new jobs again
          </Button>
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
