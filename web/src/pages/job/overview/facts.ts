import { timeOf } from '@/api/client'
import type { Description } from '@/api/executors'
import type { Job } from '@/api/jobs'
import { bytes, count, counted } from '@/ui/size'
import { clockTime } from '@/ui/time'
import { parentsOf, runsHere } from '@/ui/words'

/** One setting of a definition, and what it means. */
interface Fact {
  label: string
  value: string
  /** Whether it is code. */
  code?: boolean
  meaning: string
}

/** A definition's non-default settings. Times are in the reader's zone. */
export function factsOf(job: Job, zone?: string, { executors = [], processors = [] }: Described = {}): Fact[] {
  const parts = [work(job, executors), time(job, zone), overlap(job), retry(job), output(job, processors), rest(job)]
  return parts.flat()
}

/** What executors and processors say of themselves. */
interface Described {
  executors?: readonly Description[]
  processors?: readonly Description[]
}

/** The key that says what an executor does; of one that is not known, none is. */
const mainKeys: Record<string, string> = { shell: 'command', http: 'url' }

/** What an executor does, in its own words. */
function mainOf(job: Job): Fact[] {
  const key = mainKeys[job.executor ?? '']
  const text = key && job.executor_config?.[key]
  if (!key || !text) return []
  const method = job.executor === 'http' ? `${job.executor_config?.method || 'GET'} ` : ''
  return [{ label: key === 'url' ? 'Request' : 'Command', value: method + text, code: true, meaning: '' }]
}

/** Keys that are shown with others. */
const shown = new Set(['command', 'url', 'method', 'shell', 'debug'])

const hidden = '••••••••'

function work(job: Job, executors: readonly Description[]): Fact[] {
  const keys = executors.find(e => e.name === job.executor)?.schema?.properties ?? {}
  const config = Object.entries(job.executor_config ?? {}).filter(([key, value]) => value && !shown.has(key))
  return [
    { label: 'Executor', value: job.executor || 'none', meaning: executorWords(job) },
    ...mainOf(job),
    ...config.map(([key, value]) => ({
      label: keys[key]?.title ?? key,
      value: keys[key]?.format === 'password' ? hidden : value,
      code: true,
      meaning: keys[key]?.description ?? 'A key of the executor.',
    })),
  ]
}

function output(job: Job, processors: readonly Description[]): Fact[] {
  return Object.entries(job.processors ?? {}).map(([name, config]) => {
    const schema = processors.find(p => p.name === name)?.schema
    const keys = schema?.properties ?? {}
    const settings = Object.entries(config ?? {}).map(
      ([key, value]) => `${keys[key]?.title ?? key}: ${keys[key]?.format === 'password' ? hidden : value}`,
    )
    return {
      label: `Processor ${name}`,
      value: settings.join(', ') || 'default settings',
      meaning: schema?.description ?? 'It is given each output.',
    }
  })
}

function whenWords(job: Job): string {
  if (!runsHere(job)) return 'dkron does not know when it is due.'
  return job.schedule === '@manually' ? 'It only runs manually.' : 'When it is due.'
}

function executorWords({ executor, executor_config }: Job): string {
  if (!executor) return 'Nothing would run.'
  if (!runsHere({ executor })) return 'The job runs elsewhere and checks in.'
  if (executor !== 'shell') return 'What runs the job.'
  return executor_config?.shell === 'true'
    ? 'A shell runs the command, with pipes and variables.'
    : 'The command runs as written, without a shell.'
}

function time(job: Job, zone?: string): Fact[] {
  const facts: Fact[] = []
  const add = (value: unknown, fact: () => Fact) => {
    if (value) facts.push(fact())
  }
  const starts = timeOf(job.starts_at)
  const expires = timeOf(job.expires_at)
  add(job.schedule && !parentsOf(job).length, () => ({
    label: 'Schedule',
    value: job.schedule ?? '',
    code: true,
    meaning: whenWords(job),
  }))
  add(job.timezone, () => ({
    label: 'Time zone',
    value: job.timezone ?? '',
    meaning: 'The zone of its schedule.',
  }))
  add(starts, () => ({ label: 'Starts', value: clockTime(starts!, zone), meaning: 'Nothing is launched before.' }))
  add(expires, () => ({
    label: 'Expires',
    value: clockTime(expires!, zone),
    meaning: 'Nothing is launched from then on.',
  }))
  add(job.dst?.gap === 'skip', () => ({
    label: 'Clock forward',
    value: 'skip',
    meaning: 'A time that the clock skips does not run that day.',
  }))
  add(job.dst?.overlap === 'both', () => ({
    label: 'Clock back',
    value: 'both',
    meaning: 'A time that the clock shows twice runs twice.',
  }))
  const policy = job.catchup?.policy
  add(policy === 'last' || policy === 'skip', () => ({
    label: 'Catch-up',
    value: policy ?? '',
    meaning:
      policy === 'last'
        ? 'Of times that no server could start, only the last is caught up.'
        : 'Times that no server could start are not caught up.',
  }))
  add(job.catchup?.window, () => ({
    label: 'Catch-up window',
    value: job.catchup?.window ?? '',
    meaning: 'Older due times are recorded as missed.',
  }))
  return facts
}

const overlaps: Record<string, string> = {
  forbid: 'A launch is skipped while an earlier one has not ended.',
  queue: 'A launch waits until the earlier one has ended.',
  replace: 'A launch stops the earlier one and takes its place.',
}

function overlap(job: Job): Fact[] {
  const meaning = overlaps[job.concurrency ?? '']
  if (!meaning) return []
  const facts: Fact[] = [{ label: 'Concurrency', value: job.concurrency ?? '', meaning }]
  if (job.queue_limit)
    facts.push({
      label: 'Queue limit',
      value: count(job.queue_limit),
      meaning: 'Further launches are skipped.',
    })
  return facts
}

const places: Record<string, string> = {
  'other-node': 'A retry goes to another node that matches, if there is one.',
  any: 'A retry goes to any node that matches.',
}

function retry(job: Job): Fact[] {
  const facts: Fact[] = []
  if (job.retries)
    facts.push({
      label: 'Retries',
      value: count(job.retries),
      meaning: `A target that fails is tried ${counted(job.retries, 'more time', 'more times')}.`,
    })
  const place = places[job.retry_on ?? '']
  if (place) facts.push({ label: 'Retry on', value: job.retry_on ?? '', meaning: place })
  if (job.retry_lost)
    facts.push({
      label: 'Retry lost',
      value: 'yes',
      meaning: 'Also when its node went offline and the outcome is unknown.',
    })
  const pause = job.retry_backoff
  if (pause) {
    const value = `${pause.initial || '500ms'}, × ${pause.factor ?? 2}, at most ${pause.max || '1m0s'}`
    facts.push({ label: 'Pause', value, meaning: 'Before a retry; each is longer than the one before.' })
  }
  return facts
}

function rest(job: Job): Fact[] {
  const facts: Fact[] = []
  if (parentsOf(job).length > 1)
    facts.push({
      label: 'Parents join',
      value: job.parents_join || 'all',
      meaning:
        job.parents_join === 'any'
          ? 'Each matching end of a parent launches it.'
          : 'All parents have to end as required.',
    })
  if (job.ephemeral) facts.push({ label: 'Ephemeral', value: 'yes', meaning: 'It is deleted after its first success.' })
  if (job.confirm)
    facts.push({
      label: 'Ask first',
      value: 'yes',
      meaning: 'This page asks before somebody runs, stops, disables, enables or deletes it.',
    })
  const keep = job.history
  const kept = [keep?.count && counted(keep.count, 'execution'), keep?.age, keep?.bytes && bytes(keep.bytes)].filter(
    Boolean,
  )
  if (kept.length)
    facts.push({
      label: 'History',
      value: kept.join(', '),
      meaning: 'What is kept, instead of the cluster’s default.',
    })
  if (job.channels?.length)
    facts.push({
      label: 'Channels',
      value: job.channels.join(', '),
      meaning: 'What rules notice of it is reported through these too, besides the channels of the rule.',
    })
  const notes = Object.entries(job.metadata ?? {}).map(([key, value]) => `${key}=${value}`)
  if (notes.length) facts.push({ label: 'Metadata', value: notes.join(', '), meaning: 'Labels to search by.' })
  return facts
}
