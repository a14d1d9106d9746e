import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { jobKeys, type Job, type JobFilter } from '@/api/jobs'
import type { Act } from './acts'
import { takesPart } from './AskFirst'
import { each, type Failure, type Tally } from './each'
import { gather } from './gather'
import type { Chosen } from './generations'
import type { Selection } from './selection'

const width = 4 // requests at once, so that the page does not overload a cluster

export type Bulk =
  | { stage: 'asking' }
  | { stage: 'gathering'; found: number; total: number }
  | { stage: 'working'; handled: number; total: number }
  | {
      stage: 'ended'
      done: number
      left: number
      cancelled: boolean
      failures: Failure<Chosen>[]
      /** How many were left out because they ask first. */
      apart: number
    }
  | { stage: 'broken'; error: Error }

const shown = 100 // ms between two updates of the progress

/** Runs an action on many jobs; the caller shows the progress and may cancel. */
export function useBulk(act: Act, selection: Selection, filter: JobFilter) {
  const queries = useQueryClient()
  const [bulk, setBulk] = useState<Bulk>({ stage: 'asking' })
  const cancel = useRef<AbortController>(undefined)
  useEffect(() => () => cancel.current?.abort(), [])

  /** `included` says whether jobs that ask first take part. */
  async function start(included: boolean, again?: readonly Chosen[]) {
    const { signal } = (cancel.current = new AbortController())
    try {
      const chosen = again ?? (await chosenOf(act, selection, filter, signal, setBulk))
      const jobs = chosen.filter(job => takesPart(job, included))
      setBulk({ ...(await work(act, jobs, signal, setBulk)), apart: chosen.length - jobs.length })
    } catch (error) {
      if (signal.aborted) setBulk({ stage: 'ended', done: 0, left: 0, cancelled: true, failures: [], apart: 0 })
      else setBulk({ stage: 'broken', error: error instanceof Error ? error : new Error(String(error)) })
    }
    await queries.invalidateQueries({ queryKey: jobKeys.lists })
  }
  return { bulk, start, cancel: () => cancel.current?.abort() }
}

type Show = (bulk: Bulk) => void

/** The jobs that the action applies to. Jobs selected by name are as they were when shown. */
async function chosenOf(act: Act, selection: Selection, filter: JobFilter, signal: AbortSignal, show: Show) {
  if (!selection.all) return [...selection.jobs.values()].filter(job => act.concerns?.holds(job) ?? true)
  show({ stage: 'gathering', found: 0, total: 0 })
  const found = await gather(filter, briefly, signal, (n, total) => show({ stage: 'gathering', found: n, total }))
  return found.filter(job => act.concerns?.holds(job) ?? true)
}

const briefly = ({ name, disabled, dependent_jobs, confirm, executor }: Job): Chosen => ({
  name,
  disabled,
  dependent_jobs,
  confirm,
  executor,
})

async function work(act: Act, jobs: readonly Chosen[], signal: AbortSignal, show: Show) {
  const total = jobs.length
  const all: Tally<Chosen> = { done: 0, failures: [] }
  let last = 0
  const progress = (tally: Tally<Chosen>) => {
    const now = performance.now()
    if (now - last < shown) return
    last = now
    show({ stage: 'working', handled: handled(all) + handled(tally), total })
  }
  show({ stage: 'working', handled: 0, total })
  for (const group of act.groups?.(jobs) ?? [jobs]) {
    const tally = await each(group, job => act.action(job.name), { width, signal, progress })
    all.done += tally.done
    all.failures.push(...tally.failures)
  }
  const left = total - handled(all)
  return {
    stage: 'ended' as const,
    done: all.done,
    left,
    cancelled: signal.aborted && left > 0,
    failures: all.failures,
  }
}

const handled = (tally: Tally<Chosen>) => tally.done + tally.failures.length
