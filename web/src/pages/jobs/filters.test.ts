import { expect, it } from 'vitest'
import { chipsOf } from './filters'

it('names every filter and how to remove it', () => {
  const chips = chipsOf({
    search: 'x',
    status: 'untriggered',
    disabled: false,
    tags: { role: 'web', zone: 'a' },
    metadata: { team: 'ops' },
  })
  expect(chips.map(c => `${c.what}: ${c.value}`)).toEqual([
    'Status: never ran',
    'Enabled: yes',
    'Tag: role=web',
    'Tag: zone=a',
    'Metadata: team=ops',
  ])
  expect(chips[2]!.without).toEqual({ tags: { zone: 'a' } })
  expect(chips[4]!.without).toEqual({ metadata: undefined })
})
