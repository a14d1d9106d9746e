import { MantineProvider } from '@mantine/core'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import { StateBadge } from './StateBadge'

it('explains a state on hover, and makes no tooltip before', async () => {
  render(
    <MantineProvider env="test">
      <StateBadge state="lost" reason="node web-3 did not answer" />
    </MantineProvider>,
  )
  expect(screen.queryByText(/did not answer/)).not.toBeInTheDocument()
  await userEvent.hover(screen.getByText('lost'))
  expect(await screen.findByText(/node web-3 did not answer/)).toBeVisible()
  await userEvent.unhover(screen.getByText('lost'))
  await expect.poll(() => screen.queryByText(/did not answer/)).toBeNull()
})
