import { MultiSelect, NativeSelect, NumberInput, Select, Switch, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { noticeKeys, putRule, type AlertEvent, type Rule } from '@/api/notifications'
import { tell } from '@/ui/act'
import { eventWords, ruleEvents } from '@/ui/alerts/words'
import { zoneOptions } from '@/ui/cities'
import { submitting, useSaving, type Saving } from '@/ui/saving'
import { Foot } from './Foot'
import { MatchFields } from './MatchFields'
import classes from './Notifications.module.css'
import { formOf, ruleFields, tracks, uses, writeOf, type RuleForm as Form } from './rule'

interface Props {
  /** The stored one; undefined for a new one. */
  rule: Rule | undefined
  /** Of all rules. */
  names: readonly string[]
  channels: readonly string[]
}

/** A rule: what it notices, of which jobs, and how it reports it. */
export function RuleForm({ rule, names, channels }: Props) {
  const [value, setValue] = useState(() => formOf(rule))
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { form, saving } = useSaving(ruleFields)
  const change = (part: Partial<Form>) => setValue(v => ({ ...v, ...part }))

  async function save() {
    const { name } = value
    const stored = await saving.attempt(() => {
      if (!rule && names.includes(name)) throw new Error('name is taken: there is a rule of that name already.')
      return putRule(name, writeOf(value))
    })
    if (!stored) return
    await queries.invalidateQueries({ queryKey: noticeKeys.rules })
    tell(`Saved the rule ${name}`)
    await navigate({ to: '/notifications', search: { tab: 'rules' } })
  }

  const parts = { value, change, saving }
  return (
    <form ref={form} onSubmit={submitting(save)}>
      <div className={classes.grid}>
        <TextInput
          label="Name"
          description="1 to 64 of a–z, 0–9, - and _."
          required
          readOnly={!!rule}
          variant={rule ? 'filled' : 'default'}
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          value={value.name}
          error={saving.errorOf('name')}
          onChange={event => change({ name: event.currentTarget.value })}
        />
        <Switch
          label="Enabled"
          description="A disabled rule notices nothing."
          checked={!value.disabled}
          onChange={event => change({ disabled: !event.currentTarget.checked })}
        />
      </div>
      <Events {...parts} />
      <MatchFields value={value.match} onChange={match => change({ match })} saving={saving} />
      <Reports {...parts} channels={channels} />
      <Quiet {...parts} />
      <Foot tab="rules" what="the rule" saving={saving} />
    </form>
  )
}

interface PartProps {
  value: Form
  change: (part: Partial<Form>) => void
  saving: Saving
}

/** What happened. */
function Events({ value, change, saving }: PartProps) {
  return (
    <fieldset className={classes.group}>
      <legend>What it notices</legend>
      <div className={classes.grid}>
        <MultiSelect
          className={classes.wide}
          label="Events"
          description="Of several that fit the same end of a launch, the first in this list counts."
          withAsterisk
          data={ruleEvents.map(e => ({ value: e, label: eventWords(e) }))}
          value={value.on}
          error={saving.errorOf('on')}
          onChange={on => change({ on: on as AlertEvent[] })}
        />
        {uses.in_a_row(value) && (
          <NumberInput
            label="Failures in a row"
            description="Reported at this one."
            min={1}
            placeholder="3"
            value={value.in_a_row}
            error={saving.errorOf('in_a_row')}
            onChange={n => change({ in_a_row: typeof n === 'number' ? n : '' })}
          />
        )}
        {uses.longer_than(value) && (
          <TextInput
            label="Longer than"
            description="Such as 90s or 1h. “Runs too long” needs none: then it is twice the usual time."
            placeholder="1h"
            value={value.longer_than}
            error={saving.errorOf('longer_than')}
            onChange={event => change({ longer_than: event.currentTarget.value })}
          />
        )}
        {uses.shorter_than(value) && (
          <TextInput
            label="Shorter than"
            description="Such as 5s: a success that came too soon."
            placeholder="5s"
            value={value.shorter_than}
            error={saving.errorOf('shorter_than')}
            onChange={event => change({ shorter_than: event.currentTarget.value })}
          />
        )}
        {uses.output(value) && (
          <div className={classes.mono}>
            <TextInput
              label="Output"
              description="A regular expression (RE2), matched with the last 64 KiB."
              placeholder="(?i)out of memory"
              spellCheck={false}
              value={value.output}
              error={saving.errorOf('output')}
              onChange={event => change({ output: event.currentTarget.value })}
            />
          </div>
        )}
      </div>
    </fieldset>
  )
}

const severities = [
  { value: 'critical', label: 'Critical' },
  { value: 'warning', label: 'Warning' },
  { value: 'info', label: 'Information' },
]

/** To whom, and how urgent it is. */
function Reports({ value, change, saving, channels }: PartProps & { channels: readonly string[] }) {
  return (
    <fieldset className={classes.group}>
      <legend>How it reports</legend>
      <p className={classes.help}>
        At once; what follows within six seconds becomes one message.{' '}
        {tracks(value)
          ? 'A problem stays open as an alert until the job succeeds.'
          : 'Without “Recovered” or reminders no alert stays open: it is only reported.'}
      </p>
      <div className={classes.grid}>
        <MultiSelect
          label="Channels"
          description="In addition to those that a job names itself."
          withAsterisk={!value.jobsOnly}
          disabled={value.jobsOnly}
          data={[...new Set([...channels, ...value.channels])]}
          value={value.channels}
          error={saving.errorOf('channels')}
          onChange={names => change({ channels: names })}
        />
        <Switch
          label="Only the channels that jobs name"
          checked={value.jobsOnly}
          onChange={event => change({ jobsOnly: event.currentTarget.checked })}
        />
        <NativeSelect
          label="Severity"
          description="Channels show it or page by it."
          data={severities}
          value={value.severity}
          error={saving.errorOf('severity')}
          onChange={event => change({ severity: event.currentTarget.value as Form['severity'] })}
        />
        <TextInput
          label="Remind every"
          description="Such as 4h, until somebody acknowledges the alert. Empty: no reminders."
          placeholder="4h"
          value={value.remind}
          error={saving.errorOf('remind')}
          onChange={event => change({ remind: event.currentTarget.value })}
        />
      </div>
    </fieldset>
  )
}

const zones = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])].map(value => ({ value, label: value }))

/** When nobody is notified. */
function Quiet({ value, change, saving }: PartProps) {
  const { quiet } = value
  const set = (part: Partial<Form['quiet']>) => change({ quiet: { ...quiet, ...part } })
  return (
    <fieldset className={classes.group}>
      <legend>Quiet hours</legend>
      <p className={classes.help}>Nothing is sent then; what it notices is reported afterwards.</p>
      <div className={classes.grid}>
        <TextInput
          type="time"
          label="From"
          value={quiet.from}
          error={saving.errorOf('quiet.from')}
          onChange={event => set({ from: event.currentTarget.value })}
        />
        <TextInput
          type="time"
          label="To"
          value={quiet.to}
          error={saving.errorOf('quiet.to')}
          onChange={event => set({ to: event.currentTarget.value })}
        />
        <Select
          label="Time zone"
          searchable
          allowDeselect={false}
          data={quiet.zone && !zones.some(z => z.value === quiet.zone) ? [...zones, quiet.zone] : zones}
          filter={({ options, search }) =>
            zoneOptions(
              options.filter(option => 'value' in option),
              search,
            )
          }
          value={quiet.zone || 'UTC'}
          error={saving.errorOf('quiet.zone')}
          onChange={zone => set({ zone: zone === 'UTC' || !zone ? '' : zone })}
          nothingFoundMessage="No such zone"
        />
      </div>
    </fieldset>
  )
}
