import { MantineProvider } from '@mantine/core'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it, vi } from 'vitest'
import { ListEnd } from './ListEnd'

const query = (hasNextPage: boolean) => ({
  hasNextPage,
  isFetchingNextPage: false,
  fetchNextPage: vi.fn<() => Promise<never>>(),
})
const show = (q: ReturnType<typeof query>) =>
  render(
    <MantineProvider env="test">
      <ListEnd query={q} shown="50 launches" />
    </MantineProvider>,
  )

it('loads the next part of a list that has one', async () => {
  const q = query(true)
  show(q)
  expect(screen.getByText('50 launches')).toBeVisible()
  await userEvent.click(screen.getByRole('button', { name: 'Load more' }))
  expect(q.fetchNextPage).toHaveBeenCalledOnce()
})

it('says that a list has ended', () => {
  show(query(false))
  expect(screen.getByText('50 launches, end of list')).toBeVisible()
  expect(screen.queryByRole('button')).not.toBeInTheDocument()
})
