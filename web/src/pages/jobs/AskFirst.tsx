import { Checkbox, Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { jobsQuery, type Job, type JobFilter } from '@/api/jobs'
import { Icon } from '@/ui/Icon'
import { count } from '@/ui/size'
import { nameOf } from '@/ui/words'
import type { Act } from './acts'
import type { Selection } from './selection'

/** The selected jobs that an action applies to and that ask before they are started or stopped. */
interface Careful {
  /** How many; undefined while that is not known. */
  total: number | undefined
  /** The first of them. */
  names: string[]
  /** Why it can't be known. */
  error: Error | null
}

const named = 5

/** Those of a selection by name, as they were shown; or, if everything that matches is selected, as the server counts them. */
export function useCareful(act: Act, selection: Selection, filter: JobFilter): Careful {
  const asking = useMatching(selection, { ...filter, confirm: true })
  const apart = useMatching(selection, apartIn(act, { ...filter, confirm: true }))
  if (selection.all) {
    const total = asking.total === undefined || apart.total === undefined ? undefined : asking.total - apart.total
    const names = asking.items.filter(job => act.concerns?.holds(job) ?? true).map(nameOf)
    return { total, names: names.slice(0, total), error: asking.error ?? apart.error }
  }
  const jobs = [...selection.jobs.values()].filter(job => job.confirm && (act.concerns?.holds(job) ?? true))
  return { total: jobs.length, names: jobs.slice(0, named).map(nameOf), error: null }
}

/** How many of the selected jobs the action is not for; undefined while that is not known. */
export function useOthers(act: Act, selection: Selection, filter: JobFilter): number | undefined {
  const apart = useMatching(selection, apartIn(act, filter))
  if (selection.all) return apart.total
  const { concerns } = act
  return concerns ? [...selection.jobs.values()].filter(job => !concerns.holds(job)).length : 0
}

/** A filter for the jobs of another that an action is not for; undefined if there are none. */
function apartIn({ concerns }: Act, filter: JobFilter): JobFilter | undefined {
  const entries = Object.entries(concerns?.apart ?? {}) as [keyof JobFilter, unknown][]
  if (!entries.length || entries.some(([key, value]) => filter[key] !== undefined && filter[key] !== value)) return
  return { ...filter, ...concerns?.apart }
}

/** The first jobs that a filter finds, and how many it finds; asked only if everything that matches is selected. */
function useMatching({ all }: Selection, filter: JobFilter | undefined) {
  const listing = { ...filter, sort: 'id', end: named } as const
  const query = useQuery({
    ...jobsQuery(listing),
    enabled: all && filter !== undefined,
    placeholderData: undefined,
    staleTime: 0,
  })
  if (!filter) return { total: 0, items: [], error: null }
  return { total: query.data?.total, items: query.data?.items.slice(0, named) ?? [], error: query.error }
}

interface Props {
  careful: Careful
  /** Whether they are meant too. */
  included: boolean
  onChange: (included: boolean) => void
}

/** Says which of the selected jobs ask first. They are left out unless a person includes them. */
export function AskFirst({ careful: { total, names, error }, included, onChange }: Props) {
  if (error)
    return (
      <Text size="sm" c="var(--bad)">
        Can’t tell which of them ask first: {error.message} Jobs that do are left out.
      </Text>
    )
  if (total === undefined) return <Skeleton h={44} radius="md" aria-label="Loading which jobs ask first" />
  if (total === 0) return null
  const more = total - names.length
  return (
    <Checkbox
      label={
        <>
          <Icon name="alert" size={14} color="var(--wait)" style={{ verticalAlign: '-2px' }} /> Include{' '}
          {total === 1 ? '1 job that asks first' : `${count(total)} jobs that ask first`}
        </>
      }
      description={`${names.join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`}
      checked={included}
      onChange={event => onChange(event.currentTarget.checked)}
    />
  )
}

/** Whether a job takes part. */
export const takesPart = (job: Pick<Job, 'confirm'>, included: boolean) => included || !job.confirm
