import { useEffect, useState, type RefObject } from 'react'

const letter = 7.5 // px; only an estimate, lines in sight are measured
const around = 30 // px

/** About how many letters fit next to the line numbers. */
export function useColumns(element: RefObject<HTMLElement | null>, gutter: number): number {
  const [width, setWidth] = useState(800)
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.round(entry.contentRect.width)))
    if (element.current) observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return Math.max(10, Math.floor((width - around) / letter) - gutter)
}
