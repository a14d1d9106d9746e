import { Alert, SegmentedControl, Skeleton, Text } from '@mantine/core'
import { lazy, Suspense, useCallback, useEffect, useMemo, useState, type ReactNode } from 'react'
import type { Job } from '@/api/jobs'
import { useShortcuts } from '@/app/shortcuts'
import { Icon } from '@/ui/Icon'
import { Loaded } from '@/ui/Loaded'
import { Page } from '@/ui/Page'
import { Panel } from '@/ui/Panel'
import { ask } from '@/ui/act'
import { Changed } from './Changed'
import { useChecks } from './checks'
import { EditingContext, idOf, useDraft } from './draft'
import classes from './Editor.module.css'
import type { Definition } from './model/form'
import { missingIn } from './model/check'
import { useSave, useSaveKey } from './save'
import { SaveBar } from './SaveBar'
import { Basics } from './sections/Basics'
import { How } from './sections/How'
import { Timing } from './sections/Timing'
import { Where } from './sections/Where'
import { Work } from './sections/Work'
import { NextRuns } from './side/NextRuns'
import { Nodes } from './side/Nodes'
import { PreviewContext } from './side/words'

const TextView = lazy(async () => ({ default: (await import('./text/TextView')).TextView }))

type View = 'form' | 'json' | 'yaml'

interface Props {
  /** What there is: a draft is dirty if it differs from it. */
  opened: Definition
  /** What the draft begins with, if that is another. */
  start?: Definition
  /** The job that is being changed; undefined for a new one. */
  stored?: { opened: Job; now: Job; reload: (job: Job) => void }
  title: string
  below?: ReactNode
}

/** Writes a job: as a form, or as text. */
export function Editor({ opened, start, stored, title, below }: Props) {
  const [first] = useState(opened)
  const draft = useDraft(first, start)
  const [view, setView] = useState<View>('form')
  const [tried, setTried] = useState(false)
  const [textError, setTextError] = useState('')
  const [revision, setRevision] = useState(stored?.opened.revision)
  const dirty = draft.dirty || textError !== ''
  const checks = useChecks(draft.form, draft.definition, tried)
  const { saving, save } = useSave({ definition: draft.definition, revision, dirty })
  const changed = stored && !saving && stored.now.revision !== revision ? stored : undefined

  const submit = (run: boolean) => {
    setTried(true)
    if (saving || textError || changed) return
    const missing = missingIn(draft.form)
    const wrong = Object.entries({ ...checks.notes, ...missing }).find(([, note]) => note.kind === 'error')
    if (wrong) return setTimeout(() => showField(wrong[0]))
    void save(run)
  }
  useSaveKey(() => submit(false))
  useShortcuts([{ keys: 'Ctrl Enter', what: 'Save the job', action: () => {} }]) // for the list of keys: useSaveKey hears it

  const show = async (next: View) => {
    if (textError && !(await ask(dropText))) return
    setTextError('')
    setView(next)
  }
  const takeError = useCallback((error: string) => setTextError(error), [])
  const refused = checks.complaint !== undefined && !checks.preview.data
  const editing = useMemo(
    () => ({ ...draft, notes: checks.notes, exists: stored !== undefined }),
    [draft, checks.notes, stored],
  )
  useEffect(() => {
    // What was changed while nothing was written here is simply shown.
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
      {checks.loose && view === 'form' && (
        <Alert
          color="red"
          variant="light"
          icon={<Icon name="alert" />}
          title="It can’t be stored like this"
          role="alert"
        >
          {checks.complaint?.text}
        </Alert>
      )}
      <EditingContext value={editing}>
        <PreviewContext value={checks.preview.data}>
          <div className={classes.columns}>
            <div className={classes.main}>
              {view === 'form' ? (
                <>
                  <Basics />
                  <Timing />
                  <Work />
                  <Where found={<Nodes preview={checks.preview.data} />} />
                  <How />
                </>
              ) : (
                <Suspense fallback={<Skeleton h={420} radius="lg" />}>
                  <TextView key={view} language={view} complaint={checks.complaint} onError={takeError} />
                </Suspense>
              )}
            </div>
            <aside className={classes.side} aria-label="What it will do">
              <Panel title="Next launches">
                {refused ? (
                  <Text size="sm" c="dimmed">
                    Shown when what is wrong is put right.
                  </Text>
                ) : (
                  <Loaded query={checks.preview} what="when it is due">
                    {preview => <NextRuns preview={preview} mode={draft.form.mode} />}
                  </Loaded>
                )}
              </Panel>
              {view !== 'form' && (
                <Panel title="Nodes">
                  <Nodes preview={checks.preview.data} />
                </Panel>
              )}
            </aside>
          </div>
        </PreviewContext>
      </EditingContext>
      <SaveBar
        verdict={textError ? 'wrong' : checks.verdict}
        dirty={dirty}
        exists={stored !== undefined}
        name={draft.form.name}
        saving={saving}
        onSave={submit}
      />
    </Page>
  )
}

const dropText = {
  title: 'The text can’t be read yet',
  children: 'The other view shows it as it was when it could be. What was written since will be lost.',
  confirm: 'Go on',
  danger: true,
}

function Views({ view, onChange }: { view: View; onChange: (view: View) => void }) {
  return (
    <SegmentedControl
      aria-label="Write it as"
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

/** Brings a field into view, and the cursor into it. */
function showField(path: string) {
  const element = document.getElementById(idOf(path))
  element?.scrollIntoView({ block: 'center' })
  const input = element?.matches('fieldset') ? element.querySelector<HTMLElement>('input, button') : element
  input?.focus({ preventScroll: true })
}
