import { Alert, Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { jobKeys, restoreJobs, reviewJobs, type JobWrite, type Review } from '@/api/jobs'
import { attempt, tell } from '@/ui/act'
import { Icon } from '@/ui/Icon'
import { count, counted } from '@/ui/size'
import { readJobs } from './definitions'
import { DropZone } from './DropZone'
import { ReviewOfImport } from './ReviewOfImport'
import classes from './ImportDialog.module.css'

interface Checked {
  jobs: JobWrite[]
  review: Review
}

/** Parses, checks and stores definitions. */
function useImport(onDone: () => void) {
  const queries = useQueryClient()
  const [text, setText] = useState('')
  const [wrong, setWrong] = useState('')
  const [busy, setBusy] = useState(false)
  const [checked, setChecked] = useState<Checked>()

  async function check(content: string) {
    setBusy(true)
    setWrong('')
    try {
      const jobs = await readJobs(content)
      setChecked({ jobs, review: await reviewJobs(jobs) })
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error))
    }
    setBusy(false)
  }

  async function take(file: File) {
    const content = await file.text()
    if (content.length < 100_000) setText(content)
    await check(content)
  }

  async function store({ jobs, review: plan }: Checked) {
    setBusy(true)
    const stored = await attempt('import the jobs', () => restoreJobs(jobs))
    setBusy(false)
    if (stored === undefined) return
    tell(`${counted(plan.create.length, 'job')} created, ${count(plan.update.length)} updated`)
    onDone()
    await queries.invalidateQueries({ queryKey: jobKeys.lists })
  }

  return { text, setText, wrong, busy, checked, back: () => setChecked(undefined), check, take, store }
}

/** Imports definitions from a file or text; shows what would change before anything is stored. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { text, setText, wrong, busy, checked, back, check, take, store } = useImport(onClose)
  return (
    <Modal opened onClose={onClose} size="lg" title="Import jobs" closeButtonProps={{ 'aria-label': 'Close' }}>
      {checked ? (
        <ReviewOfImport review={checked.review} busy={busy} onBack={back} onSure={() => void store(checked)} />
      ) : (
        <Stack gap="sm">
          <DropZone
            label="Choose a JSON or YAML file"
            accept=".json,.yaml,.yml,application/json,application/yaml"
            onFile={file => void take(file)}
          >
            <Icon name="upload" size={24} />
            <Text size="sm" fw={600}>
              Drop or choose a file
            </Text>
            <Text size="xs">JSON or YAML: one job, a list of jobs, or an export</Text>
          </DropZone>
          <Textarea
            label="Or paste it"
            placeholder={
              '- name: hello\n  schedule: "@every 1m"\n  executor: shell\n  executor_config:\n    command: echo hello'
            }
            rows={9}
            classNames={{ input: classes.text }}
            spellCheck={false}
            value={text}
            onChange={event => setText(event.currentTarget.value)}
          />
          {wrong && (
            <Alert color="red" variant="light" role="alert" icon={<Icon name="alert" />} title="This can’t be imported">
              {wrong} Nothing was stored.
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button loading={busy} disabled={!text.trim()} onClick={() => void check(text)}>
              Check
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  )
}
