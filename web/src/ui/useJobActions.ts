import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { ApiError } from '@/api/error'
import { clearHistory, definitionOf, deleteJob, putJob, runJob, stopJob, toggleJob, type Job } from '@/api/jobs'
import { ask, attempt, complain, tell } from './act'
import { deletion } from './deletion'
import { counted } from './size'
import { askToStop } from './stop'
import { useRefresh } from './useRefresh'
import { nameOf } from './words'

export type JobActions = ReturnType<typeof useJobActions>

/** A job as far as it takes to speak of it. */
type Named = Parameters<typeof nameOf>[0]

/** What can be done with one job, with what is said about it. */
export function useJobActions() {
  const refresh = useRefresh()
  const navigate = useNavigate()
  return useMemo(() => {
    const showLaunch = (launch: string) => navigate({ to: '/launches/$launch', params: { launch } })
    const launch = async (job: Named) => (await attempt(`run ${nameOf(job)}`, () => runJob(job.name)))?.launch_id

    return {
      /** Runs it, and offers the way to its launch. */
      async run(job: Named) {
        const id = await launch(job)
        if (!id) return
        tell(`${nameOf(job)} is launched`, { label: 'Show it', action: () => showLaunch(id) })
        await refresh(job.name)
      },

      /** Runs it, and goes to its launch. */
      async runAndShow(job: Named) {
        const id = await launch(job)
        if (!id) return
        tell(`${nameOf(job)} is launched`)
        await showLaunch(id)
      },

      stop: (job: Job) => askToStopJob(job, () => refresh(job.name)),

      async toggle(job: Job) {
        const turn = async () => {
          const turned = await toggleJob(job.name)
          await refresh(job.name)
          return turned
        }
        const turned = await attempt(`${job.disabled ? 'enable' : 'disable'} ${nameOf(job)}`, turn)
        if (turned) tell(`${nameOf(job)} is ${turned.disabled ? 'disabled' : 'enabled'}`, { action: turn })
      },

      async clear(job: Job) {
        if (await cleared(job)) tell(`The history of ${nameOf(job)} is cleared`)
        await refresh(job.name)
      },

      /** Deletes it; where there is only this job to see, `leave` goes elsewhere before that is empty. */
      async remove(job: Job, leave?: () => Promise<unknown>) {
        if (!(await deleted(job))) return
        await leave?.()
        tell(`${nameOf(job)} is deleted`, {
          action: async () => {
            await putJob(job.name, definitionOf(job))
            tell(`${nameOf(job)} is back, without its history`)
            await refresh(job.name)
          },
        })
        await refresh(job.name)
      },
    }
  }, [refresh, navigate])
}

function askToStopJob(job: Job, then: () => Promise<void>) {
  const what = [
    job.running && `${counted(job.running, 'launch', 'launches')} that run${job.running === 1 ? 's' : ''}`,
    job.queued && `${counted(job.queued, 'launch', 'launches')} that wait${job.queued === 1 ? 's' : ''}`,
  ].filter(Boolean)
  askToStop({
    title: `Stop ${nameOf(job)}?`,
    what: `${what.length ? `It has ${what.join(' and ')}. ` : ''}Commands are asked to end, and killed if they do not.`,
    async stop(reason) {
      const answer = await attempt(`stop ${nameOf(job)}`, () => stopJob(job.name, reason))
      if (!answer) return false
      const { stopped } = answer
      tell(
        stopped ? `${counted(stopped, 'launch', 'launches')} asked to stop` : `Nothing of ${nameOf(job)} runs or waits`,
      )
      void then()
      return true
    },
  })
}

/** Asks and clears the history. */
async function cleared(job: Job): Promise<boolean> {
  const sure = await ask({
    title: `Clear the history of ${nameOf(job)}?`,
    children: 'Its executions that have ended and their output are deleted for good. The definition stays.',
    confirm: 'Clear history',
    danger: true,
  })
  if (!sure) return false
  const done = await attempt(`clear the history of ${nameOf(job)}`, async () => {
    await clearHistory(job.name)
    return true
  })
  return done === true
}

/** Asks and deletes. */
async function deleted(job: Job): Promise<boolean> {
  const children = job.dependent_jobs ?? []
  if (children.length) {
    const shown = children.slice(0, 5).join(', ')
    const more = children.length > 5 ? ` and ${children.length - 5} more` : ''
    complain(`delete ${nameOf(job)}`, new ApiError(409, `It launches ${shown}${more}. ${wayOut}`))
    return false
  }
  let stop = false
  const question = deletion(whatIsLost(job), job.running ?? 0, wanted => (stop = wanted))
  if (!(await ask({ title: `Delete ${nameOf(job)}?`, children: question, confirm: 'Delete', danger: true })))
    return false
  try {
    await deleteJob(job.name, stop)
    return true
  } catch (error) {
    complain(`delete ${nameOf(job)}`, explained(error))
    return false
  }
}

function whatIsLost(job: Job): string {
  const runs = (job.success_count ?? 0) + (job.error_count ?? 0)
  const history = runs ? `its history (${counted(runs, 'execution')} counted so far, with their output)` : 'its history'
  const live = job.running ? ' What runs now goes on unless you stop it; its result is dropped.' : ''
  return `The definition of ${job.name} and ${history} are deleted.${live} You can undo it for ten seconds; that stores the definition again, but the history is gone.`
}

const wayOut = 'Delete those first, or give them other parents.'

function explained(error: unknown): unknown {
  return error instanceof ApiError && error.status === 409 ? new ApiError(409, `${error.message}. ${wayOut}`) : error
}
