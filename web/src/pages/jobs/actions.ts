import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { ApiError } from '@/api/error'
import { definitionOf, deleteJob, jobKeys, putJob, runJob, stopJob, toggleJob, type Job } from '@/api/jobs'
import { ask, attempt, complain, tell } from '@/ui/act'
import { counted } from '@/ui/size'

export type JobActions = ReturnType<typeof useJobActions>

/** A job as far as it takes to speak of it. */
type Named = Pick<Job, 'name'> & { displayname?: string }

/** What can be done with one job, with what is said about it. */
export function useJobActions() {
  const queries = useQueryClient()
  const navigate = useNavigate()
  return useMemo(() => {
    const changed = () => queries.invalidateQueries({ queryKey: jobKeys.lists })

    async function run(job: Named) {
      const ran = await attempt(`run ${job.name}`, () => runJob(job.name))
      if (!ran) return
      const launch = ran.launch_id
      tell(
        `${titleOf(job)} is launched`,
        launch
          ? { label: 'Show it', action: () => navigate({ to: '/launches/$launch', params: { launch } }) }
          : undefined,
      )
      await changed()
    }

    async function stop(job: Job) {
      const stopped = await attempt(`stop ${job.name}`, () => stopJob(job.name))
      if (!stopped) return
      tell(
        stopped.stopped
          ? `${counted(stopped.stopped, 'launch', 'launches')} of ${titleOf(job)} asked to stop`
          : `Nothing of ${titleOf(job)} runs or waits`,
      )
      await changed()
    }

    async function toggle(job: Job) {
      const after = await attempt(`change ${job.name}`, () => toggleJob(job.name))
      if (!after) return
      tell(`${titleOf(job)} is ${after.disabled ? 'disabled' : 'enabled'}`, {
        action: async () => {
          await toggleJob(job.name)
          await changed()
        },
      })
      await changed()
    }

    async function remove(job: Job) {
      if (job.dependent_jobs?.length) return refuse(job, job.dependent_jobs)
      const sure = await ask({
        title: `Delete ${titleOf(job)}?`,
        children: whatIsLost(job),
        confirm: 'Delete',
        danger: true,
      })
      if (!sure) return
      try {
        await deleteJob(job.name)
      } catch (error) {
        return complain(`delete ${job.name}`, explained(error))
      }
      tell(`${titleOf(job)} is deleted`, {
        action: async () => {
          await putJob(job.name, definitionOf(job))
          tell(`${titleOf(job)} is back, without its history`)
          await changed()
        },
      })
      await changed()
    }

    return { run, stop, toggle, remove }
  }, [queries, navigate])
}

export const titleOf = (job: Named) => job.displayname || job.name

function whatIsLost(job: Job): string {
  const runs = (job.success_count ?? 0) + (job.error_count ?? 0)
  const history = runs ? `its history (${counted(runs, 'execution')} counted so far, with their output)` : 'its history'
  const live = job.running ? ' What runs now goes on, but its result is dropped.' : ''
  return `The definition of ${job.name} and ${history} are deleted.${live} You can undo it for ten seconds; that stores the definition again, but the history is gone.`
}

const wayOut = 'Delete those first, or give them other parents.'

function refuse(job: Job, children: readonly string[]) {
  const shown = children.slice(0, 5).join(', ')
  const more = children.length > 5 ? ` and ${children.length - 5} more` : ''
  complain(`delete ${job.name}`, new ApiError(409, `It launches ${shown}${more}. ${wayOut}`))
}

function explained(error: unknown): unknown {
  return error instanceof ApiError && error.status === 409 ? new ApiError(409, `${error.message}. ${wayOut}`) : error
}
