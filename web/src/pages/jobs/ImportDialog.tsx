import { Alert, Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { jobKeys, restoreText, reviewText, type Review } from '@/api/jobs'
import { attempt, tell } from '@/ui/act'
import { Icon } from '@/ui/Icon'
import { count, counted } from '@/ui/size'
import { sentence } from '@/ui/words'
import { DropZone } from './DropZone'
import { ReviewOfImport } from './ReviewOfImport'
import classes from './ImportDialog.module.css'

interface Checked {
  text: string
  review: Review
}

const isEmpty = ({ create, update, unchanged, problems }: Review) =>
  create.length + update.length + unchanged.length + problems.length === 0

/** Checks and stores a file of jobs. */
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
      const review = await reviewText(content)
      if (isEmpty(review)) throw new Error('It contains no job.')
      setChecked({ text: content, review })
    } catch (error) {
      setWrong(sentence(error instanceof Error ? error.message : String(error)))
    }
    setBusy(false)
  }

  async function take(file: File) {
    const content = await file.text()
    setText(content)
    await check(content)
  }

  async function store({ text: content, review: plan }: Checked) {
    setBusy(true)
    const stored = await attempt('import the jobs', () => restoreText(content))
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
    <Modal
      opened
      onClose={onClose}
      size={checked ? 1080 : 'lg'}
      title="Import jobs"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {checked ? (
        <ReviewOfImport
          review={checked.review}
          checked={checked.text}
          text={text}
          onText={setText}
          wrong={wrong}
          busy={busy}
          onBack={back}
          onCheck={() => void check(text)}
          onSure={() => void store(checked)}
        />
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
