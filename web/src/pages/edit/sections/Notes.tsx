import { SegmentedControl, Textarea } from '@mantine/core'
import { useState } from 'react'
import { Notes as Drawn } from '@/ui/notes/Notes'
import { Panel } from '@/ui/Panel'
import { count } from '@/ui/size'
import { useEditing, useField } from '../draft'
import classes from '../fields/fields.module.css'
import { Warning } from '../fields/parts'
import { bytesOf, mostNotes } from '../model/check'

/** What the people who run the job should know, in Markdown, with a preview. */
export function Notes() {
  const { form, set } = useEditing()
  const { warning, ...field } = useField('notes')
  const [view, setView] = useState('write')
  const writing = view === 'write' || field.error !== undefined // an error is shown where it can be mended
  const choice = form.notes.trim() !== '' && (
    <SegmentedControl
      size="xs"
      aria-label="View of the notes"
      value={writing ? 'write' : 'preview'}
      onChange={setView}
      data={[
        { value: 'write', label: 'Write' },
        { value: 'preview', label: 'Preview' },
      ]}
    />
  )
  const size = bytesOf(form.notes)
  const full = size > mostNotes * 0.75 ? ` ${count(size)} of ${count(mostNotes)} bytes.` : ''
  return (
    <Panel title="Notes" aside={choice}>
      {writing || form.notes.trim() === '' ? (
        <div className={classes.mono}>
          <Textarea
            {...field}
            aria-label="Notes"
            description={`Markdown: what it does, whom to call, what to do when it fails.${full}`}
            placeholder={'## When it fails\n\n1. Look at …'}
            autosize
            minRows={4}
            maxRows={24}
            value={form.notes}
            onChange={event => set({ notes: event.currentTarget.value })}
          />
          <Warning>{warning}</Warning>
        </div>
      ) : (
        <Drawn text={form.notes} />
      )}
    </Panel>
  )
}
