import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react'

const margin = 100 // px beyond the end, which the browser clamps
const close = 8 // px from the end that still count as the end

/**
 * Keeps a scroller at its end while it grows. It stops when the reader scrolls up, and resumes at the end.
 * `seen` is how many lines there were when it stopped.
 */
export function useFollow(scroller: RefObject<HTMLElement | null>, size: number, lines: number) {
  const [seen, setSeen] = useState<number>()
  const following = seen === undefined
  const newest = useRef(lines)
  const top = useRef(0)
  useEffect(() => {
    newest.current = lines
  })

  const stop = useCallback(() => setSeen(at => at ?? newest.current), [])
  const resume = useCallback(() => setSeen(undefined), [])

  useLayoutEffect(() => {
    const element = scroller.current
    if (following) element?.scrollTo({ top: size + margin })
  }, [scroller, following, size])

  useEffect(() => {
    const element = scroller.current
    if (!element) return
    const scrolls = () => element.scrollHeight > element.clientHeight + close
    const wheel = (event: WheelEvent) => event.deltaY < 0 && scrolls() && stop()
    const key = (event: KeyboardEvent) => upward.has(event.key) && scrolls() && stop()
    // By touch, or by the bar itself.
    const press = (event: Event) => (event.type === 'touchmove' || event.target === element) && scrolls() && stop()
    const scroll = () => {
      const down = element.scrollTop > top.current
      top.current = element.scrollTop
      if (down && element.scrollHeight - element.clientHeight - element.scrollTop < close) resume()
    }
    element.addEventListener('wheel', wheel, { passive: true })
    element.addEventListener('keydown', key)
    element.addEventListener('touchmove', press, { passive: true })
    element.addEventListener('pointerdown', press)
    element.addEventListener('scroll', scroll, { passive: true })
    return () => {
      element.removeEventListener('wheel', wheel)
      element.removeEventListener('keydown', key)
      element.removeEventListener('touchmove', press)
      element.removeEventListener('pointerdown', press)
      element.removeEventListener('scroll', scroll)
    }
  }, [scroller, stop, resume])

  return { following, fresh: seen === undefined ? 0 : lines - seen, stop, resume }
}

const upward = new Set(['ArrowUp', 'PageUp', 'Home'])
