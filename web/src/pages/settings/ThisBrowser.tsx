import {
  Input,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  useMantineColorScheme,
  type MantineColorScheme,
} from '@mantine/core'
import { setPreferences, usePreferences } from '@/preferences/preferences'
import { Panel } from '@/ui/Panel'
import { localZone } from '@/ui/time'

const zones = ['local', ...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])].map(value => ({
  value,
  label: value === 'local' ? `Browser: ${localZone()}` : value,
}))

export function ThisBrowser() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const { zone, pageSize, wrap } = usePreferences()
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
