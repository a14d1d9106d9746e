import { Button, Switch } from '@mantine/core'
import { Panel } from '@/ui/Panel'
import { idOf, useEditing } from '../draft'
import classes from '../fields/fields.module.css'
import { TextField } from '../fields/inputs'
import { slugOf } from '../model/slug'

/** Its names and its owner. */
export function Basics() {
  const { form, set, exists } = useEditing()
  const slug = slugOf(form.displayname)
  const suggested = !exists && slug && slug !== form.name && form.name !== '' ? slug : ''
  return (
    <Panel title="Basics">
      <div className={classes.grid}>
        <TextField
          path="displayname"
          label="Display name"
          help="Shown in lists."
          placeholder="Nightly backup"
          value={form.displayname}
          onChange={displayname => {
            // The name follows the display name until somebody edits it.
            const follows = !exists && form.name === slugOf(form.displayname)
            set(follows ? { displayname, name: slugOf(displayname) } : { displayname })
          }}
        />
        <div>
          <TextField
            path="name"
            label="Name"
            help={exists ? 'Fixed: commands and other jobs refer to it.' : 'Lower-case letters, digits, _ and -.'}
            placeholder="nightly-backup"
            mono
            readOnly={exists}
            value={form.name}
            onChange={name => set({ name })}
          />
          {suggested && (
            <Button variant="subtle" size="compact-xs" mt={4} type="button" onClick={() => set({ name: suggested })}>
              Use {suggested}
            </Button>
          )}
        </div>
        <TextField
          path="owner"
          label="Owner"
          help="Who is responsible."
          placeholder="platform"
          suggest="owner"
          value={form.owner}
          onChange={owner => set({ owner })}
        />
        <TextField
          path="owner_email"
          label="Owner’s e-mail"
          help="How to reach them."
          placeholder="platform@example.com"
          suggest="owner_email"
          value={form.owner_email}
          onChange={owner_email => set({ owner_email })}
        />
        <Switch
          className={classes.wide}
          label="Disabled"
          description="It does not start on schedule. It can be run manually."
          checked={form.disabled}
          onChange={event => set({ disabled: event.currentTarget.checked })}
        />
        <Switch
          className={classes.wide}
          id={idOf('confirm')}
          label="Ask first"
          description="This page asks before somebody runs, stops, disables, enables or deletes it. The schedule and API clients are not asked."
          checked={form.confirm}
          onChange={event => set({ confirm: event.currentTarget.checked })}
        />
      </div>
    </Panel>
  )
}
