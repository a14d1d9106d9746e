import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { stopExecution, type Execution } from '@/api/executions'
import { launchKeys, openStates, stopLaunch, type Launch } from '@/api/launches'
import { attempt, tell } from '@/ui/act'
import { Icon } from '@/ui/Icon'
import { LinkButton } from '@/ui/link'
import { askToStop } from '@/ui/stop'
import { useJobActions } from '@/ui/useJobActions'

/** The actions on a launch. */
export function Actions({ launch }: { launch: Launch }) {
  const { runAndShow } = useJobActions()
  const stop = useStop(launch)
  const [busy, setBusy] = useState(false)
  const open = openStates.includes(launch.state)

  async function again() {
    setBusy(true)
    await runAndShow({ name: launch.job })
    setBusy(false)
  }

  return (
    <>
      <LinkButton to="/jobs/$job" params={{ job: launch.job }} variant="default">
        Open job
      </LinkButton>
      {open && (
        <Button variant="default" c="var(--bad)" leftSection={<Icon name="stop" size={16} />} onClick={() => stop()}>
          Stop
        </Button>
      )}
      <Button leftSection={<Icon name="rerun" size={16} />} loading={busy} onClick={() => void again()}>
        Run again
      </Button>
    </>
  )
}

/** Asks for a reason and stops a launch, or one execution of it. */
export function useStop(launch: Launch) {
  const queries = useQueryClient()
  return (one?: Execution) =>
    askToStop({
      title: one ? `Stop ${launch.job} on ${one.node_name}?` : `Stop this launch of ${launch.job}?`,
      what: one ? 'Its processes are asked to end, then killed. There is no retry.' : whole,
      async stop(reason) {
        const done = await attempt<unknown>('stop it', () =>
          one ? stopExecution(launch.job, one.id, reason) : stopLaunch(launch.id, reason),
        )
        if (!done) return false
        tell(one ? `Stopping on ${one.node_name}` : 'Stopping the launch')
        void queries.invalidateQueries({ queryKey: launchKeys.of(launch.id) })
        return true
      },
    })
}

const whole = 'Its executions are stopped on every node, its retries are dropped, and it leaves the queue.'
