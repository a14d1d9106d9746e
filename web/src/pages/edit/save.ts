import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useBlocker, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { ApiError } from '@/api/error'
import { createJob, jobKeys, jobQuery, putJob, runJob, type Job } from '@/api/jobs'
import { ask, attempt, tell } from '@/ui/act'
import { mayAct } from '@/ui/careful'
import { asJob, type Definition } from './model/form'

/** The job of a name as it is now, or undefined if there is none. */
async function findJob(queries: QueryClient, name: string): Promise<Job | undefined> {
  try {
    return await queries.fetchQuery({ ...jobQuery(name), staleTime: 0 })
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}

export const isFree = async (queries: QueryClient, name: string) => (await findJob(queries, name)) === undefined

interface Saving {
  definition: Definition
  /** The revision that was opened; undefined for a new job. */
  revision: number | undefined
  dirty: boolean
}

/** Saves the draft, and asks before leaving an unsaved one. */
export function useSave({ definition, revision, dirty }: Saving) {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [saving, setSaving] = useState(false)
  const leaving = useRef(false)
  useBlocker({
    shouldBlockFn: async () => dirty && !leaving.current && !(await mayLeave()),
    enableBeforeUnload: () => dirty && !leaving.current,
  })

  const name = String(definition.name)
  const job = asJob(definition)
  const params = { job: name }

  async function mayStore(): Promise<boolean> {
    const now = await findJob(queries, name)
    if (revision === undefined) {
      if (!now) return true
      const open = await ask({
        title: `A job named ${name} exists`,
        children: 'Saving would replace it. Choose another name, or open that job and discard this one.',
        confirm: 'Open that job',
      })
      if (open) {
        leaving.current = true
        await navigate({ to: '/jobs/$job/edit', params })
      }
      return false
    }
    if (now) return now.revision === revision // else the banner offers the choice
    return ask({
      title: `${name} was deleted`,
      children: 'Saving creates it again, without its history.',
      confirm: 'Create again',
    })
  }

  const mayRun = () =>
    mayAct(
      queries,
      { name, displayname: job.displayname, confirm: job.confirm ?? false },
      { verb: 'Save and run', rest: ' now', button: 'Save and run now' },
    )

  async function store(run: boolean) {
    if (!(await mayStore())) return
    if (run && !(await mayRun())) return
    await (revision === undefined ? createJob(job) : putJob(name, job))
    leaving.current = true
    void queries.invalidateQueries({ queryKey: jobKeys.of(name) })
    void queries.invalidateQueries({ queryKey: jobKeys.lists })
    const ran = run ? await attempt(`run ${name}`, () => runJob(name)) : undefined
    tell(ran ? `Saved and launched ${name}` : `Saved ${name}`)
    if (ran?.launch_id) await navigate({ to: '/launches/$launch', params: { launch: ran.launch_id } })
    else await navigate({ to: '/jobs/$job', params })
  }

  async function save(run: boolean) {
    setSaving(true)
    await attempt(`save ${name}`, () => store(run))
    if (!leaving.current) setSaving(false)
  }

  return { saving, save }
}

const mayLeave = () =>
  ask({
    title: 'Leave without saving?',
    children: 'Your changes will be lost.',
    confirm: 'Leave',
    danger: true,
  })

/** Runs an action on Ctrl+Enter, wherever the cursor is. */
export function useSaveKey(action: () => void) {
  const newest = useRef(action)
  useEffect(() => {
    newest.current = action
  })
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
      if (document.querySelector('[role=dialog][aria-modal=true]')) return
      event.preventDefault()
      event.stopPropagation()
      newest.current()
    }
    // Before an editor takes it as a line break.
    globalThis.addEventListener('keydown', hear, { capture: true })
    return () => globalThis.removeEventListener('keydown', hear, { capture: true })
  }, [])
}
