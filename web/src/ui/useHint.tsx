import { Tooltip } from '@mantine/core'
import { useEffect, useRef, useState, type MouseEvent, type ReactNode } from 'react'

const delay = 300 // ms

interface Hint {
  /** What watches the mouse, for the element. */
  watch: { onMouseEnter: (event: MouseEvent<HTMLElement>) => void; onMouseLeave: () => void }
  /** The tooltip, for a place next to the element. */
  hint: ReactNode
}

/**
 * A text on hover. Its tooltip is created when it is first shown: a list has hundreds of elements with one, and creating all of them takes
 * longer than the rest of its rows.
 */
export function useHint(words: () => string): Hint {
  const [of, setOf] = useState<HTMLElement>()
  const [opened, setOpened] = useState(false)
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(waiting.current), [])
  return {
    watch: {
      onMouseEnter({ currentTarget }) {
        waiting.current = setTimeout(() => {
          setOf(currentTarget)
          setOpened(true)
        }, delay)
      },
      onMouseLeave() {
        clearTimeout(waiting.current)
        setOpened(false)
      },
    },
    hint: of && <Tooltip opened={opened} target={of} label={words()} multiline maw={340} />,
  }
}
