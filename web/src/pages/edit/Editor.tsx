import { Alert, SegmentedControl, Skeleton, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useMemo, useState, type FocusEvent, type ReactNode } from 'react'
import { pauseQuery } from '@/api/cluster'
import { executorsQuery, processorsQuery } from '@/api/executors'
import { validityQuery, type Job, type Preview } from '@/api/jobs'
import { useShortcuts } from '@/ui/shortcuts'
import { Icon } from '@/ui/Icon'
import { Loaded } from '@/ui/Loaded'
import { Page } from '@/ui/Page'
import { Panel } from '@/ui/Panel'
import { part } from '@/ui/part'
import { Warnings } from '@/ui/Warnings'
import { runsHere } from '@/ui/words'
import { ask } from '@/ui/act'
import { Changed, changedId } from './Changed'
import { spoken, useChecks, type Checks, type Found } from './checks'
import { EditingContext, idOf, useDraft } from './draft'
import classes from './Editor.module.css'
import { executorsOf, type Executor } from './executors/executors'
import type { Complaint } from './model/complaint'
import { asJob, type Definition, type Mode } from './model/form'
import { missingIn } from './model/check'
import { useSave, useSaveKey } from './save'
import { SaveBar } from './SaveBar'
import { Basics } from './sections/Basics'
import { How } from './sections/How'
import { Notes } from './sections/Notes'
import { Processors } from './sections/Processors'
import { Timing } from './sections/Timing'
import { Where } from './sections/Where'
import { Work } from './sections/Work'
import { NextRuns } from './side/NextRuns'
import { Nodes } from './side/Nodes'
import { PreviewContext } from './side/words'

const TextView = lazy(part(async () => ({ default: (await import('./text/TextView')).TextView })))

type View = 'form' | 'json' | 'yaml'

interface Props {
  /** What is stored: a draft is dirty if it differs. */
  opened: Definition
  /** What the draft begins with, if that differs. */
  start?: Definition
  /** The job that is being changed; undefined for a new one. */
  stored?: { opened: Job; now: Job; reload: (job: Job) => void }
  title: string
  below?: ReactNode
}

/** Edits a job as a form or as text. */
export function Editor({ opened, start, stored, title, below }: Props) {
  const [first] = useState(opened)
  const draft = useDraft(first, start)
  const [view, setView] = useState<View>('form')
  const [tried, setTried] = useState(false)
  const [textError, setTextError] = useState('')
  const [revision, setRevision] = useState(stored?.opened.revision)
  const dirty = draft.dirty || textError !== ''
  const executors = useDescribed(executorsQuery)
  const processors = useDescribed(processorsQuery) ?? none
  const frozen = useQuery(pauseQuery).data?.paused
  const checks = useChecks(draft.form, draft.definition, { executors: executors ?? none, processors }, tried)
  const { saving, save } = useSave({ definition: draft.definition, revision, dirty })
  const changed = stored && !saving && stored.now.revision !== revision ? stored : undefined

  const problems = dirty || tried ? checks.problems : noProblems
  const [listed, setListed] = useState(false)
  const [seen, setSeen] = useState<readonly string[]>([])
  const queries = useQueryClient()

  const submit = async (run: boolean) => {
    setTried(true)
    if (changed) document.getElementById(changedId)?.focus()
    if (saving || textError || changed) return
    const missing = missingIn(draft.form)
    const wrong = Object.entries({ ...checks.notes, ...missing }).find(([, note]) => note.kind === 'error')
    if (wrong) return void setTimeout(() => showField(wrong[0]))
    const judged = checks.verdict !== 'waiting' // else the problems are those of an earlier draft
    if (judged && problems.some(problem => problem.kind === 'error')) return setListed(true)
    if (mustLook(judged ? checks.problems.map(problem => problem.text) : await reviewed())) return
    void save(run)
  }

  /** The problems of the draft as it is at this moment; none if the server can't say, then saving tells why. */
  async function reviewed(): Promise<string[]> {
    const review = await queries.fetchQuery(validityQuery(asJob(draft.definition))).catch(() => undefined)
    return review?.problems.map(problem => spoken(problem.text)) ?? []
  }

  /** Opens the list of problems if it has one that was not there at the last attempt to save. */
  function mustLook(texts: readonly string[]): boolean {
    if (texts.every(text => seen.includes(text))) return false
    setSeen(texts)
    setListed(true)
    return true
  }

  const go = (place: string) => {
    if (!textError) setView('form')
    setTimeout(() => showField(place))
  }
  useSaveKey(() => void submit(false))
  useShortcuts([{ keys: 'Ctrl Enter', what: 'Save the job', action: () => {} }]) // listed in the help; useSaveKey handles it

  const show = async (next: View) => {
    if (textError && !(await ask(dropText))) return
    setTextError('')
    setView(next)
  }
  const editing = useMemo(
    () => ({ ...draft, notes: checks.notes, executors, processors, exists: stored !== undefined }),
    [draft, checks.notes, executors, processors, stored],
  )
  useEffect(() => {
    // Without changes here, the stored job is simply shown.
    if (changed && !dirty) changed.reload(changed.now)
  }, [changed, dirty])

  return (
    <Page title={title} below={below} actions={<Views view={view} onChange={next => void show(next)} />}>
      {changed && dirty && (
        <Changed
          opened={changed.opened}
          now={changed.now}
          overwrite={() => setRevision(changed.now.revision)}
          reload={() => changed.reload(changed.now)}
        />
      )}
      {checks.loose && view === 'form' && <Refusal text={checks.complaint?.text} />}
      <EditingContext value={editing}>
        <PreviewContext value={checks.preview.data}>
          <div className={classes.columns} data-form>
            <div className={classes.main} onFocus={showWhole}>
              {view === 'form' ? (
                <Sections preview={checks.preview.data} />
              ) : (
                <Suspense fallback={<Skeleton h={420} radius="lg" />}>
                  <TextView key={view} language={view} complaint={complaintIn(checks)} onError={setTextError} />
                </Suspense>
              )}
            </div>
            <Side checks={checks} mode={draft.form.mode} text={view !== 'form'} />
          </div>
        </PreviewContext>
      </EditingContext>
      <SaveBar
        verdict={
          textError ? 'wrong' : changed ? 'changed' : frozen && checks.verdict === 'good' ? 'frozen' : checks.verdict
        }
        dirty={dirty}
        exists={stored !== undefined}
        name={draft.form.name}
        saving={saving}
        runs={runsHere(draft.form)}
        problems={problems}
        open={listed}
        onOpen={setListed}
        onGo={go}
        onSave={run => void submit(run)}
      />
    </Page>
  )
}

/** A browser scrolls only the line with the caret of a tall field into view, and the bar with Save may cover the rest. */
function showWhole(event: FocusEvent<HTMLElement>) {
  if (event.target instanceof HTMLTextAreaElement) event.target.scrollIntoView({ block: 'nearest' })
}

const none: readonly Executor[] = []
const noProblems: readonly Found[] = []

/** What executors or processors say of themselves; nothing if that can't be read, and undefined until it is known. */
function useDescribed(query: typeof executorsQuery | typeof processorsQuery): readonly Executor[] | undefined {
  const { data, isError } = useQuery(query as typeof executorsQuery)
  return useMemo(() => (data ? executorsOf(data) : isError ? none : undefined), [data, isError])
}

function Sections({ preview }: { preview: Preview | undefined }) {
  return (
    <>
      <Basics />
      <Timing />
      <Work />
      <Where found={<Nodes preview={preview} />} />
      <How />
      <Processors />
      <Notes />
    </>
  )
}

/** The server's error if no field can show it. */
function Refusal({ text }: { text: string | undefined }) {
  return (
    <Alert color="red" variant="light" icon={<Icon name="alert" />} title="This job can’t be saved" role="alert">
      {text}
    </Alert>
  )
}

/** When the job would run, its warnings and, next to text, where. */
function Side({ checks, mode, text }: { checks: Checks; mode: Mode; text: boolean }) {
  const { preview, complaint, warnings, looseWarnings } = checks
  return (
    <aside className={classes.side} aria-label="Preview">
      <Warnings warnings={text ? warnings : looseWarnings} />
      <Panel title="Upcoming runs">
        {complaint && !preview.data ? (
          <Text size="sm" c="dimmed">
            Fix the errors to see the next runs.
          </Text>
        ) : (
          <Loaded query={preview} what="the upcoming runs">
            {data => <NextRuns preview={data} mode={mode} />}
          </Loaded>
        )}
      </Panel>
      {text && preview.data && (
        <Panel title="Nodes">
          <Nodes preview={preview.data} />
        </Panel>
      )}
    </aside>
  )
}

/** The error to mark in the text: the server's, or else the form's. */
function complaintIn({ complaint, notes }: Checks): Complaint | undefined {
  if (complaint) return complaint
  const [field, note] = Object.entries(notes).find(([, n]) => n.kind === 'error') ?? []
  return note && { field: field!, text: note.text }
}

const dropText = {
  title: 'The text is not valid',
  children: 'The other view shows the last valid version. Later changes will be lost.',
  confirm: 'Continue',
  danger: true,
}

function Views({ view, onChange }: { view: View; onChange: (view: View) => void }) {
  return (
    <SegmentedControl
      aria-label="Format"
      value={view}
      onChange={next => onChange(next as View)}
      data={[
        { value: 'form', label: 'Form' },
        { value: 'json', label: 'JSON' },
        { value: 'yaml', label: 'YAML' },
      ]}
    />
  )
}

/** Scrolls to a field and focuses it. */
function showField(path: string) {
  const element = document.getElementById(idOf(path))
  element?.scrollIntoView({ block: 'center' })
  const input = element?.matches('fieldset') ? element.querySelector<HTMLElement>('input, button') : element
  input?.focus({ preventScroll: true })
}
