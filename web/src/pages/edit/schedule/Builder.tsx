import { Button, Tabs } from '@mantine/core'
import { useState } from 'react'
import { kinds, PlanFields } from './PlanFields'
import { planOf, presets, scheduleOf, type Plan, type PlanKind } from './plan'
import classes from './schedule.module.css'

interface Props {
  value: string
  onChange: (schedule: string) => void
}

/** Builds a schedule by clicks. A schedule that it can't express stays until something is chosen. */
export function Builder({ value, onChange }: Props) {
  const [plan, setPlan] = useState<Plan>(() => planOf(value) ?? fresh('daily'))
  const take = (next: Plan) => {
    setPlan(next)
    onChange(scheduleOf(next))
  }
  const open = (kind: PlanKind) => {
    const same = planOf(value)
    if (kind === 'fields' && same && sixOfPlan(same)) return setPlan({ kind, fields: sixOfPlan(same)! })
    setPlan(same?.kind === kind ? same : fresh(kind))
  }
  return (
    <>
      <div className={classes.presets}>
        {presets.map(preset => (
          <Button
            key={preset.schedule}
            size="compact-xs"
            variant={preset.schedule === value ? 'filled' : 'default'}
            type="button"
            onClick={() => take(planOf(preset.schedule)!)}
          >
            {preset.label}
          </Button>
        ))}
      </div>
      <Tabs value={plan.kind} onChange={kind => kind && open(kind as PlanKind)} keepMounted={false}>
        <Tabs.List>
          {kinds.map(({ kind, label }) => (
            <Tabs.Tab key={kind} value={kind} px={9} py={6} fz={13}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {kinds.map(({ kind, note }) => (
          <Tabs.Panel key={kind} value={kind}>
            <PlanFields plan={plan} onChange={take} />
            {note && <p className={classes.note}>{note}</p>}
          </Tabs.Panel>
        ))}
      </Tabs>
      <output className={classes.written} hidden={scheduleOf(plan) === value}>
        {scheduleOf(plan)}
      </output>
      {scheduleOf(plan) !== value && (
        <Button mt="xs" size="xs" type="button" onClick={() => take(plan)}>
          Use this
        </Button>
      )}
    </>
  )
}

/** The initial plan of a tab. */
function fresh(kind: PlanKind): Plan {
  switch (kind) {
    case 'interval':
      return { kind, n: 5, unit: 'minutes', minute: 0 }
    case 'daily':
      return { kind, time: '03:30' }
    case 'weekly':
      return { kind, days: [1], time: '09:00' }
    case 'monthly':
      return { kind, day: '1', time: '06:00' }
    case 'once':
      return { kind, at: new Date(Math.ceil(Date.now() / 3600_000) * 3600_000).toISOString().replace('.000', '') }
    case 'every':
      return { kind, duration: '90s' }
    case 'fields':
      return { kind, fields: ['0', '30', '3', '*', '*', '*'] }
  }
}

function sixOfPlan(plan: Plan) {
  if (plan.kind === 'fields') return plan.fields
  const fields = scheduleOf(plan).split(' ')
  return fields.length === 6 ? (fields as [string, string, string, string, string, string]) : undefined
}
