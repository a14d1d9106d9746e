import { NativeSelect, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { addSilence, noticeKeys, type SilenceWrite } from '@/api/notifications'
import { tell } from '@/ui/act'
import { patternOf } from '@/ui/alerts/match'
import { matchWords } from '@/ui/alerts/words'
import { instantOf, wallOf } from '@/ui/localTime'
import { localZone } from '@/ui/time'
import { useZone } from '@/ui/zone'
import { submitting, useSaving } from '@/ui/saving'
import { Foot } from './Foot'
import { formOfMatch, matchFields, MatchFields, matchOf } from './MatchFields'
import classes from './Notifications.module.css'

const lengths = [
  { value: '1h', label: '1 hour' },
  { value: '2h', label: '2 hours' },
  { value: '8h', label: '8 hours' },
  { value: '24h', label: '1 day' },
  { value: '72h', label: '3 days' },
  { value: '168h', label: '7 days' },
  { value: '', label: 'Until …' },
]

const fields = ['reason', 'from', 'until', 'duration', ...matchFields]

/** A new silence, for one job or for a choice of them. */
export function SilenceForm({ job }: { job: string | undefined }) {
  const [match, setMatch] = useState(() => formOfMatch({ jobs: job ? [patternOf(job)] : [] }))
  const [reason, setReason] = useState('')
  const [duration, setDuration] = useState('1h')
  const [from, setFrom] = useState('')
  const [until, setUntil] = useState('')
  const zone = useZone()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { form, saving } = useSaving(fields)

  async function save() {
    const write: SilenceWrite = {
      match: matchOf(match),
      reason,
      from: from || undefined,
      duration: duration || undefined,
      until: duration ? undefined : until || undefined,
    }
    const stored = await saving.attempt(() => addSilence(write))
    if (!stored) return
    await queries.invalidateQueries({ queryKey: noticeKeys.silences })
    tell(`Silenced ${matchWords(stored.match)}`)
    await navigate({ to: '/notifications', search: { tab: 'silences' } })
  }

  const time = { type: 'datetime-local', step: 1 } as const
  return (
    <form ref={form} onSubmit={submitting(save)}>
      <div className={classes.grid}>
        <TextInput
          label="Reason"
          description="For whoever finds the silence."
          required
          maxLength={1000}
          value={reason}
          error={saving.errorOf('reason')}
          onChange={event => setReason(event.currentTarget.value)}
        />
        <NativeSelect
          label="For"
          description="At most 90 days."
          data={lengths}
          value={duration}
          error={saving.errorOf('duration')}
          onChange={event => setDuration(event.currentTarget.value)}
        />
        {!duration && (
          <TextInput
            {...time}
            label="Until"
            description={`In ${zone ?? localZone()}.`}
            required
            value={wallOf(until, zone)}
            error={saving.errorOf('until')}
            onChange={event => setUntil(instantOf(event.currentTarget.value, zone))}
          />
        )}
        <TextInput
          {...time}
          label="From"
          description={`Empty: now. In ${zone ?? localZone()}.`}
          value={wallOf(from, zone)}
          error={saving.errorOf('from') ?? (duration ? saving.errorOf('until') : undefined)}
          onChange={event => setFrom(instantOf(event.currentTarget.value, zone))}
        />
      </div>
      <MatchFields value={match} onChange={setMatch} saving={saving} />
      <Foot tab="silences" what="the silence" saving={saving} verb="Silence" />
    </form>
  )
}
