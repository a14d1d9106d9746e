import { Button, Group, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { clusterKeys, pauseQuery, setPaused } from '@/api/cluster'
import { ask, attempt, tell } from '@/ui/act'
import { Loaded } from '@/ui/Loaded'
import { May } from '@/ui/may'
import { Panel } from '@/ui/Panel'

/** Freezes and unfreezes changes of jobs. */
export function JobChanges() {
  const query = useQuery(pauseQuery)
  const queries = useQueryClient()

  async function change(paused: boolean) {
    const sure =
      !paused ||
      (await ask({
        title: 'Freeze job changes?',
        children:
          'No job can be created, changed or reverted until somebody unfreezes them. Schedules and runs continue.',
        confirm: 'Freeze',
        danger: true,
      }))
    if (!sure) return
    const done = await attempt(`${paused ? 'freeze' : 'unfreeze'} job changes`, () => setPaused(paused))
    await queries.invalidateQueries({ queryKey: clusterKeys.all })
    if (done) tell(paused ? 'Job changes are frozen' : 'Job changes are allowed')
  }

  return (
    <Panel title="Job changes">
      <Loaded query={query} what="whether job changes are frozen" lines={1}>
        {({ paused }) => (
          <Group justify="space-between" wrap="nowrap">
            <Text size="sm">
              {paused
                ? 'Frozen: jobs can’t be created or changed. Schedules and runs continue.'
                : 'Allowed. You may want to freeze them during an upgrade or a migration.'}
            </Text>
            <May verb="admin" all>
              <Button variant="default" flex="none" onClick={() => void change(!paused)}>
                {paused ? 'Unfreeze' : 'Freeze changes'}
              </Button>
            </May>
          </Group>
        )}
      </Loaded>
    </Panel>
  )
}
