import { TextInput } from '@mantine/core'
import { Panel } from '@/ui/Panel'
import { useEditing } from '../draft'
import { FieldGroup } from '../fields/parts'
import { AddRow, RemoveRow } from '../fields/Rows'
import { SuggestedTag } from '../fields/Suggested'
import classes from '../fields/fields.module.css'
import { nextId, type TagRow } from '../model/rows'
import { clsx } from '@/ui/clsx'
import type { ReactNode } from 'react'

/** Which nodes it runs on. `found` shows which these are now. */
export function Where({ found }: { found: ReactNode }) {
  const { form, set } = useEditing()
  const { tags } = form
  const change = (row: TagRow, part: Partial<TagRow>) =>
    set({ tags: tags.map(t => (t.id === row.id ? { ...t, ...part } : t)) })
  return (
    <Panel title="Where">
      <div className={classes.stack}>
        <FieldGroup
          path="tags"
          label="Tags that a node must have"
          help="A node must have all of them. A count limits how many matching nodes run it, chosen at each launch. Without tags it runs on every node."
        >
          <div className={clsx(classes.rows, classes.mono)} data-rows>
            {tags.map((row, i) => (
              <div key={row.id} className={classes.row} data-row>
                <SuggestedTag
                  aria-label={`Key of tag ${i + 1}`}
                  placeholder="role"
                  value={row.key}
                  onChange={key => change(row, { key })}
                />
                <SuggestedTag
                  aria-label={`Value of ${row.key || `tag ${i + 1}`}`}
                  placeholder="web"
                  of={row.key}
                  value={row.value}
                  onChange={value => change(row, { value })}
                />
                <TextInput
                  className={classes.count}
                  aria-label={`Count of ${row.key || `tag ${i + 1}`}`}
                  placeholder="all"
                  inputMode="numeric"
                  value={row.count}
                  onChange={event => change(row, { count: event.currentTarget.value.trim() })}
                />
                <RemoveRow
                  what={row.key || `tag ${i + 1}`}
                  onClick={() => set({ tags: tags.filter(t => t.id !== row.id) })}
                />
              </div>
            ))}
            <AddRow
              what="a tag"
              onClick={() => set({ tags: [...tags, { id: nextId(), key: '', value: '', count: '' }] })}
            />
          </div>
        </FieldGroup>
        {found}
      </div>
    </Panel>
  )
}
