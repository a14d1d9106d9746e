import { Button } from '@mantine/core'
import type { UseInfiniteQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import classes from './ListEnd.module.css'

interface Props {
  query: Pick<UseInfiniteQueryResult, 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'>
  /** How much of the list is shown: `50 launches`. */
  shown: string
  /** What else there is to say or do. */
  children?: ReactNode
}

/** The line below a list that is loaded in parts: how much is shown, whether that is all, and the next part. */
export function ListEnd({ query, shown, children }: Props) {
  return (
    <ListFoot>
      {query.hasNextPage ? shown : `${shown}, end of list`}
      {query.hasNextPage && (
        <Button
          size="xs"
          variant="default"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          Load more
        </Button>
      )}
      {children}
    </ListFoot>
  )
}

/** The line below a list. */
export const ListFoot = ({ children }: { children: ReactNode }) => <div className={classes.foot}>{children}</div>
