import { SegmentedControl, Select } from '@mantine/core'
import { useMemo, useState } from 'react'
import { Panel } from '@/ui/Panel'
import { useEditing, useField } from '../draft'
import classes from '../fields/fields.module.css'
import { ChoiceField, TextField, TimeField } from '../fields/inputs'
import { More } from '../fields/parts'
import type { Mode } from '../model/form'
import { findZones, zoneOptions } from '@/ui/cities'
import { runsHere } from '@/ui/words'
import { ScheduleField } from '../schedule/ScheduleField'
import { Parents } from './Parents'

const modes: { value: Mode; label: string }[] = [
  { value: 'schedule', label: 'On a schedule' },
  { value: 'parents', label: 'After other jobs' },
  { value: 'hand', label: 'Manual' },
]

/** What starts it. */
export function Timing() {
  const { form, set } = useEditing()
  return (
    <Panel title="When">
      <div className={classes.stack}>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label="What starts it"
          data={modes}
          value={form.mode}
          onChange={mode => set({ mode: mode as Mode })}
        />
        {form.mode === 'hand' && !runsHere(form) && (
          <p className={classes.help}>
            It runs elsewhere and checks in with <code>POST /v1/checkins/…</code>. Objectives say when it is expected.
          </p>
        )}
        {form.mode === 'hand' && runsHere(form) && (
          <p className={classes.help}>
            It never starts by itself. Run it from its page or with <code>POST /v1/jobs/…/run</code>.
          </p>
        )}
        {form.mode === 'parents' && <Parents />}
        {form.mode === 'schedule' && (
          <>
            <div className={classes.grid}>
              <ScheduleField />
              <Zone />
            </div>
            <Limits />
          </>
        )}
      </div>
    </Panel>
  )
}

function Zone() {
  const { form, set } = useEditing()
  const { id, error } = useField('timezone')
  const [typed, setTyped] = useState('')
  const [open, setOpen] = useState(false)
  const zones = useMemo(() => {
    const all = ['UTC', 'Local', ...Intl.supportedValuesOf('timeZone').filter(zone => zone !== 'UTC')]
    return form.timezone && !all.includes(form.timezone) ? [form.timezone, ...all] : all
  }, [form.timezone])
  return (
    <Select
      id={id}
      error={error}
      label="Time zone"
      description="The zone of the schedule."
      placeholder="The server’s"
      data={zones}
      value={form.timezone || null}
      onChange={timezone => set({ timezone: timezone ?? '' })}
      searchable
      selectFirstOptionOnChange
      dropdownOpened={open}
      onDropdownOpen={() => setOpen(true)}
      onDropdownClose={() => setOpen(false)}
      onKeyDownCapture={event => {
        // While the list is opening, the library may forget that it has selected the first one.
        const active = document.getElementById(event.currentTarget.getAttribute('aria-activedescendant') ?? '')
        if (event.key !== 'Enter' || !open || active?.dataset.comboboxSelected) return
        const [first] = zoneOptions(
          zones.map(value => ({ value, label: value })),
          typed,
        )
        if (!first || typed === '') return
        event.preventDefault()
        set({ timezone: first.value })
        setOpen(false)
      }}
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options, search, limit }) =>
        zoneOptions(
          options.filter(o => 'value' in o),
          search,
        ).slice(0, limit)
      }
      clearable
      clearButtonProps={{ 'aria-label': 'The server’s zone' }}
      limit={60}
      nothingFoundMessage="No such zone or city"
      renderOption={({ option }) => (
        <>
          {option.label}
          <Also zone={option.value} typed={typed} />
        </>
      )}
    />
  )
}

/** What a zone is besides its name: the city that was typed. */
function Also({ zone, typed }: { zone: string; typed: string }) {
  const what = zone === 'Local' ? 'the server’s zone' : typed && findZones([zone], typed)[0]?.city
  return what ? <span className={classes.also}> – {what}</span> : null
}

function Limits() {
  const { form, set } = useEditing()
  const { catchup, dst } = form
  const used = [form.starts_at, form.expires_at, ...Object.values(catchup), ...Object.values(dst)].some(Boolean)
  return (
    <More label="Limits, missed runs and clock changes" open={used}>
      <div className={classes.grid}>
        <TimeField
          path="starts_at"
          label="Not before"
          help="Not due before this."
          value={form.starts_at}
          onChange={starts_at => set({ starts_at })}
        />
        <TimeField
          path="expires_at"
          label="Not after"
          help="Not due after this."
          value={form.expires_at}
          onChange={expires_at => set({ expires_at })}
        />
        <ChoiceField
          path="catchup.policy"
          label="Missed runs"
          help="What to catch up on when no server could start it."
          value={catchup.policy}
          onChange={policy => set({ catchup: { ...catchup, policy } })}
          options={[
            { value: '', label: 'All of them', word: 'all' },
            { value: 'last', label: 'Only the last one' },
            { value: 'skip', label: 'None' },
          ]}
        />
        <TextField
          path="catchup.window"
          label="Catch-up window"
          help="Older ones are recorded as missed."
          placeholder="1m, for @at and @after 24h"
          mono
          value={catchup.window}
          onChange={window => set({ catchup: { ...catchup, window } })}
        />
        <ChoiceField
          path="dst.gap"
          label="When clocks skip the time"
          help="In spring, an hour of the local day does not exist."
          value={dst.gap}
          onChange={gap => set({ dst: { ...dst, gap } })}
          options={[
            { value: '', label: 'Right after the gap', word: 'after' },
            { value: 'skip', label: 'Not that day' },
          ]}
        />
        <ChoiceField
          path="dst.overlap"
          label="When clocks show it twice"
          help="In autumn, an hour of the local day happens twice."
          value={dst.overlap}
          onChange={overlap => set({ dst: { ...dst, overlap } })}
          options={[
            { value: '', label: 'The first time only', word: 'first' },
            { value: 'both', label: 'Both times' },
          ]}
        />
      </div>
    </More>
  )
}
