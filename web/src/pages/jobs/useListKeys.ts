import { useShortcuts } from '@/ui/shortcuts'
import { useMay } from '@/ui/may'
import type { Job } from '@/api/jobs'
import type { JobActions } from '@/ui/useJobActions'
import { runsHere } from '@/ui/words'

const links = () => [...document.querySelectorAll<HTMLElement>('[data-job-link]')]
const focusedRow = () => document.activeElement?.closest<HTMLElement>('[data-job]') ?? undefined

/** Moves the focus by some jobs; it goes to the job's link, so that Enter opens it. */
function move(by: number) {
  const all = links()
  const at = all.findIndex(link => link.closest('[data-job]') === focusedRow())
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by
  all[Math.min(Math.max(next, 0), all.length - 1)]?.focus()
}

interface Options {
  actions: JobActions
  jobs: readonly Job[]
  onPage: (by: number) => void
}

/** The shortcuts of the list. */
export function useListKeys({ actions, jobs, onPage }: Options) {
  const may = useMay()
  const run = () => {
    const name = focusedRow()?.dataset.job
    const job = jobs.find(one => one.name === name)
    if (name && (!job || runsHere(job))) void actions.run(job ?? { name })
  }
  useShortcuts([
    { keys: 'j', what: 'Next job (Enter opens it)', action: () => move(1) },
    { keys: 'k', what: 'Previous job', action: () => move(-1) },
    {
      keys: 'x',
      what: 'Select the job',
      action: () => focusedRow()?.querySelector<HTMLInputElement>('input[type=checkbox]')?.click(),
    },
    ...(may('run') ? [{ keys: 'r', what: 'Run the job now', action: run }] : []),
    { keys: ']', what: 'Next page', action: () => onPage(1) },
    { keys: '[', what: 'Previous page', action: () => onPage(-1) },
  ])
}
