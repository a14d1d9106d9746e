import { Button, Group, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { clusterKeys, pauseQuery, setPaused } from '@/api/cluster'
import { ask, attempt, tell } from '@/ui/act'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'

/** Whether the cluster takes new definitions of jobs. */
export function Submissions() {
  const query = useQuery(pauseQuery)
  const queries = useQueryClient()

  async function change(paused: boolean) {
    const sure =
      !paused ||
      (await ask({
        title: 'Refuse writes of jobs?',
        children: 'No job can be created, changed or reverted until somebody takes it back. Schedules and runs go on.',
        confirm: 'Refuse writes',
        danger: true,
      }))
    if (!sure) return
    const done = await attempt('change this', () => setPaused(paused))
    await queries.invalidateQueries({ queryKey: clusterKeys.all })
    if (done) tell(paused ? 'Writes of jobs are refused now' : 'Jobs can be written again')
  }

  return (
    <Panel title="Writes of jobs">
      <Loaded query={query} what="whether writes are paused" lines={1}>
        {({ paused }) => (
          <Group justify="space-between" wrap="nowrap">
            <Text size="sm">
              {paused
                ? 'Refused: no job can be created or changed. Schedules and runs go on.'
                : 'Taken. During an upgrade or a move you may want that nobody changes anything.'}
            </Text>
            <Button variant="default" flex="none" onClick={() => void change(!paused)}>
              {paused ? 'Take them again' : 'Refuse them'}
            </Button>
          </Group>
        )}
      </Loaded>
    </Panel>
  )
}
