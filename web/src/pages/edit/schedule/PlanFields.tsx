import { NativeSelect, NumberInput, TextInput } from '@mantine/core'
import { useZone } from '@/ui/zone'
import { localZone } from '@/ui/time'
import type { Plan, PlanKind, Six } from './plan'
import classes from './schedule.module.css'
import { instantOf, wallOf } from '@/ui/localTime'

/** The tabs of the builder. */
export const kinds: readonly { kind: PlanKind; label: string; note?: string }[] = [
  {
    kind: 'interval',
    label: 'Every …',
    note: 'Restarts each hour or day: every 7 minutes runs at 0, 7 … 56, then at 0 again.',
  },
  { kind: 'daily', label: 'Daily' },
  { kind: 'weekly', label: 'Weekly' },
  {
    kind: 'monthly',
    label: 'Monthly',
    note: 'Months without that day are skipped; L is the last day.',
  },
  { kind: 'once', label: 'Once' },
  {
    kind: 'every',
    label: 'Interval',
    note: 'Counted from the job’s creation, not by the clock: 1h30m, 90s.',
  },
  {
    kind: 'fields',
    label: 'Fields',
    note: 'Lists 1,15 · ranges 9-17 · steps */5 and 10-40/10 · names mon, jan · * is every. ~ is a number derived from the job’s name, to spread jobs out.',
  },
]

interface Props<P extends Plan = Plan> {
  plan: P
  onChange: (plan: Plan) => void
}

export function PlanFields({ plan, onChange }: Props) {
  switch (plan.kind) {
    case 'interval':
      return <Interval plan={plan} onChange={onChange} />
    case 'daily':
      return (
        <div className={classes.line}>
          <Time plan={plan} onChange={onChange} />
        </div>
      )
    case 'weekly':
      return <Weekly plan={plan} onChange={onChange} />
    case 'monthly':
      return <Monthly plan={plan} onChange={onChange} />
    case 'once':
      return <Once plan={plan} onChange={onChange} />
    case 'every':
      return (
        <div className={classes.line}>
          <TextInput
            label="Every"
            value={plan.duration}
            onChange={event => onChange({ ...plan, duration: event.currentTarget.value.trim() })}
          />
        </div>
      )
    case 'fields':
      return <SixFields plan={plan} onChange={onChange} />
  }
}

function Time({ plan, onChange }: Props<Extract<Plan, { time: string }>>) {
  return (
    <TextInput
      className={classes.time}
      type="time"
      step={plan.time.length > 5 ? 1 : 60}
      label="At"
      value={plan.time}
      onChange={event => event.currentTarget.value && onChange({ ...plan, time: event.currentTarget.value })}
    />
  )
}

function Interval({ plan, onChange }: Props<Extract<Plan, { kind: 'interval' }>>) {
  const most = plan.unit === 'minutes' ? 59 : 23
  return (
    <div className={classes.line}>
      <NumberInput
        className={classes.number}
        label="Every"
        min={1}
        max={most}
        clampBehavior="strict"
        allowDecimal={false}
        value={plan.n}
        onChange={n => typeof n === 'number' && n >= 1 && onChange({ ...plan, n })}
      />
      <NativeSelect
        label="Unit"
        data={['minutes', 'hours']}
        value={plan.unit}
        onChange={event => {
          const unit = event.currentTarget.value as 'minutes' | 'hours'
          onChange({ ...plan, unit, n: unit === 'hours' ? Math.min(plan.n, 23) : plan.n })
        }}
      />
      {plan.unit === 'hours' && (
        <NumberInput
          className={classes.number}
          label="At minute"
          min={0}
          max={59}
          clampBehavior="strict"
          allowDecimal={false}
          value={plan.minute}
          onChange={minute => typeof minute === 'number' && onChange({ ...plan, minute })}
        />
      )}
    </div>
  )
}

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

function Weekly({ plan, onChange }: Props<Extract<Plan, { kind: 'weekly' }>>) {
  const toggle = (day: number) => {
    const next = plan.days.includes(day) ? plan.days.filter(d => d !== day) : [...plan.days, day]
    if (next.length) onChange({ ...plan, days: next })
  }
  return (
    <div className={classes.line}>
      <fieldset className={classes.days} aria-label="Days">
        {days.map((name, i) => {
          const day = (i + 1) % 7
          return (
            <label key={name} className={classes.day}>
              <input type="checkbox" checked={plan.days.includes(day)} onChange={() => toggle(day)} />
              {name}
            </label>
          )
        })}
      </fieldset>
      <Time plan={plan} onChange={onChange} />
    </div>
  )
}

function Monthly({ plan, onChange }: Props<Extract<Plan, { kind: 'monthly' }>>) {
  const numbers = Array.from({ length: 31 }, (_, i) => String(i + 1))
  return (
    <div className={classes.line}>
      <NativeSelect
        label="On day"
        data={[...numbers, { value: 'L', label: 'last' }]}
        value={plan.day}
        onChange={event => onChange({ ...plan, day: event.currentTarget.value })}
      />
      <Time plan={plan} onChange={onChange} />
    </div>
  )
}

function Once({ plan, onChange }: Props<Extract<Plan, { kind: 'once' }>>) {
  const zone = useZone()
  return (
    <div className={classes.line}>
      <TextInput
        type="datetime-local"
        step={1}
        label={`At, in ${zone ?? localZone()}`}
        value={wallOf(plan.at, zone)}
        onChange={event =>
          event.currentTarget.value && onChange({ kind: 'once', at: instantOf(event.currentTarget.value, zone) })
        }
      />
    </div>
  )
}

const six: readonly { label: string; help: string }[] = [
  { label: 'Second', help: '0–59' },
  { label: 'Minute', help: '0–59' },
  { label: 'Hour', help: '0–23' },
  { label: 'Day of month', help: '1–31, L last, 15W weekday' },
  { label: 'Month', help: '1–12 or jan–dec' },
  { label: 'Day of week', help: '0–6, sun–sat, 5L, mon#2' },
]

function SixFields({ plan, onChange }: Props<Extract<Plan, { kind: 'fields' }>>) {
  return (
    <div className={classes.fields}>
      {six.map((field, i) => (
        <TextInput
          key={field.label}
          label={field.label}
          description={field.help}
          value={plan.fields[i]}
          onChange={event => {
            const fields = [...plan.fields] as Six
            fields[i] = event.currentTarget.value.replaceAll(/\s/g, '')
            onChange({ kind: 'fields', fields })
          }}
        />
      ))}
    </div>
  )
}
