import type { QueryClient } from '@tanstack/react-query'
import { ApiError } from '@/api/error'
import { jobQuery, type Job } from '@/api/jobs'
import { ask, complain } from './act'
import { nameOf } from './words'

/** A job as far as a part of the page knows it; without `confirm`, the server is asked for it. */
export type Careful = Pick<Job, 'name'> & { displayname?: string; confirm?: boolean }

interface Act {
  /** The question: `Run Migrate orders now?` is `{ verb: 'Run', rest: ' now' }`. */
  verb: string
  rest?: string
  /** The button; the verb unless given. */
  button?: string
}

/**
 * Asks, by name, before an action starts or stops work of a job with `confirm`. Returns false if the person says no, or if
 * the page can't find out whether the job has `confirm`. For a job that does not exist it returns true: the action reports
 * that.
 */
export async function mayAct(queries: QueryClient, job: Careful, { verb, rest = '', button }: Act): Promise<boolean> {
  let known = job
  if (job.confirm === undefined) {
    try {
      known = await queries.fetchQuery({ ...jobQuery(job.name), staleTime: 0, retry: false })
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return true
      complain(`${verb.toLowerCase()} ${nameOf(job)}`, error)
      return false
    }
  }
  if (!known.confirm) return true
  return ask({
    title: `${verb} ${nameOf(known)}${rest}?`,
    children: `${known.displayname ? `${known.name}: this` : 'This'} job is set to ask before it is started or stopped.`,
    confirm: button ?? verb,
  })
}
