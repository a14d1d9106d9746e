import { TagsInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { channelsQuery } from '@/api/notifications'
import { useMay } from '@/ui/may'
import { useEditing, useField } from '../draft'
import classes from '../fields/fields.module.css'
import { More, Warning } from '../fields/parts'

/** Through which channels the job is reported, in addition to those of the rules. */
export function Channels() {
  const { form } = useEditing()
  return (
    <More label="Notifications" open={form.channels.length > 0}>
      <Field />
    </More>
  )
}

/** Takes any name: the server says which one has no channel. */
function Field() {
  const { form, set } = useEditing()
  const { warning, ...field } = useField('channels')
  const may = useMay()
  const { data } = useQuery({ ...channelsQuery, enabled: may('admin', 'all') }) // who may not list them can still name one
  return (
    <div className={classes.wide}>
      <TagsInput
        {...field}
        label="Channels"
        description="Alerts of this job also go to these channels, in addition to those of the rules."
        placeholder={form.channels.length ? undefined : 'only those of the rules'}
        data={(data ?? []).map(channel => channel.name)}
        acceptValueOnBlur
        splitChars={[',', ' ']}
        value={form.channels}
        onChange={channels => set({ channels })}
      />
      <Warning>{warning}</Warning>
    </div>
  )
}
