import { Button, Group, NumberInput, SimpleGrid, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { putSettings, settingsQuery, type Settings } from '@/api/cluster'
import { attempt, tell } from '@/ui/act'
import { Loaded } from '@/ui/Loaded'
import { useMay } from '@/ui/may'
import { Panel } from '@/ui/Panel'
import classes from './Settings.module.css'

/** How much history all servers keep. */
export function History() {
  const query = useQuery({ ...settingsQuery, refetchInterval: false })
  return (
    <Panel title="History kept on all servers">
      <Loaded query={query} what="the settings">
        {settings => <Form key={JSON.stringify(settings)} settings={settings} />}
      </Loaded>
    </Panel>
  )
}

const mebi = 1024 * 1024

function Form({ settings }: { settings: Settings }) {
  const [history, setHistory] = useState(settings.history ?? {})
  const [saving, setSaving] = useState(false)
  const queries = useQueryClient()
  const may = useMay()('admin', 'all')
  const change = (part: Partial<typeof history>) => setHistory(h => ({ ...h, ...part }))
  const changed = JSON.stringify(history) !== JSON.stringify(settings.history ?? {})

  async function save() {
    setSaving(true)
    const stored = await attempt('save the history settings', () => putSettings({ ...settings, history }))
    setSaving(false)
    if (!stored) return
    queries.setQueryData(settingsQuery.queryKey, stored)
    tell('Saved for all servers')
  }

  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        void save()
      }}
    >
      <fieldset disabled={!may} className={classes.plain}>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <NumberInput
            label="Executions per job"
            min={1}
            max={1_000_000}
            thousandSeparator
            value={history.count ?? 100}
            onChange={value => change({ count: Number(value) || undefined })}
          />
          <TextInput
            label="Age"
            description="Such as 720h; 0s: no limit"
            inputWrapperOrder={['label', 'input', 'description']}
            value={history.age ?? ''}
            onChange={event => change({ age: event.currentTarget.value })}
          />
          <NumberInput
            label="Output per job, MiB"
            description="0: no limit"
            inputWrapperOrder={['label', 'input', 'description']}
            min={0}
            value={(history.bytes ?? 0) / mebi}
            onChange={value => change({ bytes: Math.round(Number(value) * mebi) })}
          />
          <NumberInput
            label="Output of all jobs, MiB"
            description="0: no limit"
            inputWrapperOrder={['label', 'input', 'description']}
            min={0}
            thousandSeparator
            value={(history.total_bytes ?? 0) / mebi}
            onChange={value => change({ total_bytes: Math.round(Number(value) * mebi) })}
          />
        </SimpleGrid>
      </fieldset>
      {may && (
        <Group mt="md">
          <Button type="submit" loading={saving} disabled={!changed}>
            Save
          </Button>
          {changed && (
            <Button variant="default" onClick={() => setHistory(settings.history ?? {})}>
              Reset
            </Button>
          )}
        </Group>
      )}
    </form>
  )
}
