import { Button, Group, NativeSelect } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { failedStates, launchesQuery } from '@/api/launches'
import { timeOf } from '@/api/client'
import { previewChannel, type ChannelWrite } from '@/api/notifications'
import { clockTime } from '@/ui/time'
import { useZone } from '@/ui/zone'
import type { Saving } from '@/ui/saving'
import classes from './Notifications.module.css'

interface Props {
  channel: string
  /** As it is filled in. */
  write: ChannelWrite
  saving: Saving
}

/** What a message would say, about a launch that failed or about an invented one. Nothing is sent. */
export function Preview({ channel, write, saving }: Props) {
  const [launch, setLaunch] = useState('')
  const [shown, setShown] = useState<{ subject: string; body: string }>()
  const zone = useZone()
  const { data } = useInfiniteQuery({ ...launchesQuery({ state: [...failedStates] }, 20), refetchInterval: false })
  const launches = data?.pages[0]?.items ?? []

  async function look() {
    const { type, settings } = write
    const name = /^[a-z0-9_][a-z0-9_-]*$/.test(channel) ? channel : 'new'
    setShown(await saving.attempt(() => previewChannel(name, { type, settings, launch: launch || undefined })))
  }

  return (
    <fieldset className={classes.group}>
      <legend>Preview</legend>
      <p className={classes.help}>What a message would say. Nothing is sent or stored.</p>
      <Group gap="xs" align="flex-end">
        <NativeSelect
          aria-label="About"
          data={[
            { value: '', label: 'About an invented failure' },
            ...launches.map(({ id, job, ended_at }) => {
              const ended = timeOf(ended_at)
              return { value: id, label: `About ${job}${ended ? `, ${clockTime(ended, zone)}` : ''}` }
            }),
          ]}
          value={launch}
          onChange={event => setLaunch(event.currentTarget.value)}
        />
        <Button variant="default" onClick={() => void look()}>
          Preview
        </Button>
      </Group>
      {shown && (
        // It may be long: the keyboard must reach it.
        <pre className={classes.sample} tabIndex={0} aria-label="The message">
          <strong>{shown.subject}</strong>
          {'\n\n'}
          {shown.body}
        </pre>
      )}
    </fieldset>
  )
}
