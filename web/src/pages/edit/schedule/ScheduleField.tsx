import { ActionIcon, Button, Popover, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Icon } from '@/ui/Icon'
import { useEditing, useField } from '../draft'
import { TimingWords } from '../side/words'
import { Builder } from './Builder'
import classes from './schedule.module.css'

/** When it is due, as text; with a builder that writes it. */
export function ScheduleField() {
  const { form, set } = useEditing()
  const { id, error } = useField('schedule')
  const [building, setBuilding] = useState(false)
  const value = form.schedule === '@manually' ? '' : form.schedule
  return (
    <div className={classes.field}>
      <Popover
        opened={building}
        onChange={setBuilding}
        position="bottom-start"
        width="min(470px, calc(100vw - 24px))"
        shadow="lg"
        trapFocus
        withinPortal
      >
        <Popover.Target>
          <TextInput
            id={id}
            error={error}
            label="Schedule"
            description="Second, minute, hour, day of the month, month, day of the week; or a word such as @daily."
            placeholder="0 30 3 * * *"
            autoComplete="off"
            spellCheck={false}
            value={value}
            onChange={event => set({ schedule: event.currentTarget.value })}
            rightSectionWidth={84}
            rightSection={
              <Button
                size="compact-sm"
                variant="light"
                type="button"
                leftSection={<Icon name="calendar" size={14} />}
                aria-expanded={building}
                onClick={() => setBuilding(open => !open)}
              >
                Build
              </Button>
            }
          />
        </Popover.Target>
        <Popover.Dropdown className={classes.dropdown}>
          <div className={classes.head}>
            <strong>Build a schedule</strong>
            <ActionIcon aria-label="Close the builder" onClick={() => setBuilding(false)}>
              <Icon name="cross" size={16} />
            </ActionIcon>
          </div>
          <Builder value={value} onChange={schedule => set({ schedule })} />
        </Popover.Dropdown>
      </Popover>
      {!error && <TimingWords />}
    </div>
  )
}
