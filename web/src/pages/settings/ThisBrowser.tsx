import {
  Input,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  useMantineColorScheme,
  type MantineColorScheme,
} from '@mantine/core'
import { useState } from 'react'
import { setPreferences, usePreferences } from '@/preferences/preferences'
import { findZones, zoneOptions } from '@/ui/cities'
import { Panel } from '@/ui/Panel'
import { localZone } from '@/ui/time'

const zones = ['local', ...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])].map(value => ({
  value,
  label: value === 'local' ? `Browser: ${localZone()}` : value,
}))

export function ThisBrowser() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const { zone, pageSize, wrap } = usePreferences()
  const [typed, setTyped] = useState('')
  return (
    <Panel title="This browser">
      <Stack gap="md">
        <Input.Wrapper label="Theme" labelElement="div" id="theme">
          <SegmentedControl
            fullWidth
            aria-label="Theme"
            value={colorScheme}
            onChange={value => setColorScheme(value as MantineColorScheme)}
            data={[
              { value: 'auto', label: 'System' },
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
            ]}
          />
        </Input.Wrapper>
        <Select
          label="Time zone"
          description="For times on this page. Schedules have zones of their own."
          searchable
          allowDeselect={false}
          data={zones}
          filter={({ options, search }) =>
            zoneOptions(
              options.filter(option => 'value' in option),
              search,
            )
          }
          onSearchChange={setTyped}
          renderOption={({ option }) => <Zone option={option} typed={typed} />}
          value={zone}
          onChange={value => value && setPreferences({ zone: value })}
          nothingFoundMessage="No such zone"
        />
        <Input.Wrapper label="Rows per page" labelElement="div" id="rows">
          <SegmentedControl
            fullWidth
            aria-label="Rows per page"
            data={['25', '50', '100', '200']}
            value={String(pageSize)}
            onChange={value => setPreferences({ pageSize: Number(value) })}
          />
        </Input.Wrapper>
        <Switch
          label="Wrap long lines of output"
          checked={wrap}
          onChange={event => setPreferences({ wrap: event.currentTarget.checked })}
        />
      </Stack>
    </Panel>
  )
}

/** A zone, and the city that was typed if its name has another. */
function Zone({ option: { value, label }, typed }: { option: { value: string; label: string }; typed: string }) {
  const city = typed && findZones([value], typed)[0]?.city
  return city ? `${label} – ${city}` : label
}
