import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { ApiError } from '@/api/error'
import { clearHistory, definitionOf, deleteJob, putJob, runJob, stopJob, toggleJob, type Job } from '@/api/jobs'
import { ask, attempt, complain, tell } from './act'
import { mayAct, type Careful } from './careful'
import { deletion } from './deletion'
import { counted } from './size'
import { askToStop } from './stop'
import { useRefresh } from './useRefresh'
import { nameOf } from './words'

export type JobActions = ReturnType<typeof useJobActions>

/** The actions on one job, with their questions and messages. A job with `confirm` is never started or stopped without one. */
export function useJobActions() {
  const refresh = useRefresh()
  const navigate = useNavigate()
  const queries = useQueryClient()
  return useMemo(() => {
    const showLaunch = (launch: string) => navigate({ to: '/launches/$launch', params: { launch } })
    const launch = async (job: Careful) => {
      if (!(await mayAct(queries, job, { verb: 'Run', rest: ' now', button: 'Run now' }))) return undefined
      return (await attempt(`run ${nameOf(job)}`, () => runJob(job.name)))?.launch_id
    }

    return {
      /** Runs it, and offers a link to its launch. */
      async run(job: Careful) {
        const id = await launch(job)
        if (!id) return
        tell(`Launched ${nameOf(job)}`, { label: 'Show', action: () => showLaunch(id) })
        await refresh(job.name)
      },

      /** Runs it, and opens its launch. */
      async runAndShow(job: Careful) {
        const id = await launch(job)
        if (!id) return
        tell(`Launched ${nameOf(job)}`)
        await showLaunch(id)
      },

      stop: (job: Job) => askToStopJob(job, () => refresh(job.name)),

      async toggle(job: Job) {
        if (!(await mayAct(queries, job, { verb: job.disabled ? 'Enable' : 'Disable' }))) return
        const turn = async () => {
          const turned = await toggleJob(job.name)
          await refresh(job.name)
          return turned
        }
        const turned = await attempt(`${job.disabled ? 'enable' : 'disable'} ${nameOf(job)}`, turn)
        if (turned) tell(`${turned.disabled ? 'Disabled' : 'Enabled'} ${nameOf(job)}`, { action: turn })
      },

      async clear(job: Job) {
        if (await cleared(job)) tell(`Cleared the history of ${nameOf(job)}`)
        await refresh(job.name)
      },

      /** Deletes it; `leave` first leaves a page that shows only this job. */
      async remove(job: Job, leave?: () => Promise<unknown>) {
        if (!(await deleted(job))) return
        await leave?.()
        tell(`Deleted ${nameOf(job)}`, {
          action: async () => {
            await putJob(job.name, definitionOf(job))
            tell(`Restored ${nameOf(job)} without its history`)
            await refresh(job.name)
          },
        })
        await refresh(job.name)
      },
    }
  }, [refresh, navigate, queries])
}

function askToStopJob(job: Job, then: () => Promise<void>) {
  const what = [
    job.running && counted(job.running, 'running launch', 'running launches'),
    job.queued && counted(job.queued, 'queued launch', 'queued launches'),
  ].filter(Boolean)
  askToStop({
    title: `Stop ${nameOf(job)}?`,
    what: `${what.length ? `This stops ${what.join(' and ')}. ` : ''}Commands are asked to end, and killed if they do not.`,
    async stop(reason) {
      const answer = await attempt(`stop ${nameOf(job)}`, () => stopJob(job.name, reason))
      if (!answer) return false
      const { stopped } = answer
      tell(stopped ? `Stopping ${counted(stopped, 'launch', 'launches')}` : `${nameOf(job)} has nothing to stop`)
      void then()
      return true
    },
  })
}

/** Asks and clears the history. */
async function cleared(job: Job): Promise<boolean> {
  const sure = await ask({
    title: `Clear the history of ${nameOf(job)}?`,
    children: 'This deletes its ended executions and their output for good. The definition stays.',
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
  const history = runs ? `its history (${counted(runs, 'execution')} so far, with their output)` : 'its history'
  const live = job.running ? ' Running launches continue unless you stop them; their results are dropped.' : ''
  return `This deletes the definition of ${job.name} and ${history}.${live} Undo within ten seconds restores the definition, not the history.`
}

const wayOut = 'Delete those first, or give them other parents.'

function explained(error: unknown): unknown {
  return error instanceof ApiError && error.status === 409 ? new ApiError(409, `${error.message}. ${wayOut}`) : error
}
