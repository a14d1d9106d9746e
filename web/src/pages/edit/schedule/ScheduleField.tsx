import { ActionIcon, Button, Popover, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Icon } from '@/ui/Icon'
import { useEditing, useField } from '../draft'
import { Warning } from '../fields/parts'
import { TimingWords } from '../side/words'
import { Builder } from './Builder'
import classes from './schedule.module.css'

/** The schedule as text, with a builder. */
export function ScheduleField() {
  const { form, set } = useEditing()
  const { id, error, warning } = useField('schedule')
  const value = form.schedule === '@manually' ? '' : form.schedule
  return (
    <div className={classes.field}>
      <TextInput
        id={id}
        error={error}
        label="Schedule"
        description="Six fields, from second to day of week."
        placeholder="0 30 3 * * *"
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={event => set({ schedule: event.currentTarget.value })}
        rightSectionWidth={84}
        rightSection={<BuilderButton value={value} onChange={schedule => set({ schedule })} />}
      />
      {!error && <TimingWords />}
      <Warning>{warning}</Warning>
    </div>
  )
}

function BuilderButton({ value, onChange }: { value: string; onChange: (schedule: string) => void }) {
  const [opened, setOpened] = useState(false)
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      width="min(500px, calc(100vw - 24px))"
      shadow="lg"
      trapFocus
    >
      <Popover.Target>
        <Button
          size="compact-sm"
          variant="light"
          leftSection={<Icon name="calendar" size={14} />}
          onClick={() => setOpened(open => !open)}
        >
          Build
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown} aria-label="Build a schedule">
        <div className={classes.head}>
          <strong>Build a schedule</strong>
          <ActionIcon aria-label="Close the builder" onClick={() => setOpened(false)}>
            <Icon name="cross" size={16} />
          </ActionIcon>
        </div>
        <Builder value={value} onChange={onChange} />
      </Popover.Dropdown>
    </Popover>
  )
}
