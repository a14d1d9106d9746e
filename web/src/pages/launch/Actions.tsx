import { Button, Checkbox } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { stopExecution, type Execution } from '@/api/executions'
import { jobQuery } from '@/api/jobs'
import { launchKeys, openStates, rerunLaunch, stopLaunch, type Launch } from '@/api/launches'
import { ask, attempt, tell } from '@/ui/act'
import { mayAct } from '@/ui/careful'
import { Icon } from '@/ui/Icon'
import { LinkButton } from '@/ui/link'
import { May, useMay } from '@/ui/may'
import { askToStop } from '@/ui/stop'
import { useJobActions } from '@/ui/useJobActions'

/** The actions on a launch. */
export function Actions({ launch }: { launch: Launch }) {
  const { runAndShow } = useJobActions()
  const rerun = useRerun(launch)
  const stop = useStop(launch)
  const may = useMay()
  const [busy, setBusy] = useState(false)
  const open = openStates.includes(launch.state)

  async function again() {
    setBusy(true)
    await (open ? runAndShow({ name: launch.job }) : rerun())
    setBusy(false)
  }

  return (
    <>
      <LinkButton to="/jobs/$job" params={{ job: launch.job }} variant="default">
        Open job
      </LinkButton>
      {open && may('stop') && (
        <Button variant="default" c="var(--bad)" leftSection={<Icon name="stop" size={16} />} onClick={() => stop()}>
          Stop
        </Button>
      )}
      {launch.cause !== 'checkin' && (
        <May verb="run">
          <Button leftSection={<Icon name="rerun" size={16} />} loading={busy} onClick={() => void again()}>
            Run again
          </Button>
        </May>
      )}
    </>
  )
}

/** Runs an ended launch again, and opens the new one. If jobs depend on this one, it asks whether they follow. */
function useRerun(launch: Launch) {
  const queries = useQueryClient()
  const navigate = useNavigate()
  return async () => {
    const job = await attempt(`run ${launch.job}`, () =>
      queries.fetchQuery({ ...jobQuery(launch.job), staleTime: 0, retry: false }),
    )
    if (!job) return
    let children = false
    const dependent = job.dependent_jobs ?? []
    if (dependent.length) {
      const sure = await ask({
        title: `Run ${job.displayname || job.name} again?`,
        children: (
          <Checkbox
            label="Run dependent jobs too"
            description={dependent.join(', ')}
            onChange={event => (children = event.currentTarget.checked)}
          />
        ),
        confirm: 'Run again now',
      })
      if (!sure) return
    } else if (!(await mayAct(queries, job, { verb: 'Run', rest: ' now', button: 'Run now' }))) return
    const made = await attempt(`run ${launch.job}`, () => rerunLaunch(launch.id, children))
    if (!made) return
    tell(`Running ${launch.job} again`)
    void queries.invalidateQueries({ queryKey: launchKeys.of(launch.id) })
    await navigate({ to: '/launches/$launch', params: { launch: made.id } })
  }
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
