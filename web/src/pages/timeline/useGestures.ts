import { useEffect, useRef, type PointerEvent, type RefObject } from 'react'
import type { Moves } from './useView'

const slack = 4 // pixels that a press may move and still be a click

/** Wheel, drag and pinch on the chart. `onClick` gets presses that did not move it. */
export function useGestures(element: RefObject<HTMLElement | null>, width: number, moves: Moves) {
  const pointers = useRef(new Map<number, { x: number; y: number }>())
  const moved = useRef(0)

  useEffect(() => {
    const plot = element.current
    if (!plot || width <= 0) return
    // Added directly, since React's wheel listeners are passive and the browser would zoom the page.
    const turn = (event: WheelEvent) => {
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1
      const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault()
        const share = (event.clientX - plot.getBoundingClientRect().left) / width
        moves.zoomBy(Math.exp(clamp(event.deltaY * lines, 120) * 0.003), share)
      } else if (sideways && (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))) {
        event.preventDefault()
        moves.panBy((sideways * lines) / width)
      }
    }
    plot.addEventListener('wheel', turn, { passive: false })
    return () => plot.removeEventListener('wheel', turn)
  }, [element, width, moves])

  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return
    pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY })
    if (pointers.current.size === 1) moved.current = 0
    event.currentTarget.setPointerCapture?.(event.pointerId)
  }

  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const before = pointers.current.get(event.pointerId)
    if (!before) return
    const after = { x: event.clientX, y: event.clientY }
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1]
    pointers.current.set(event.pointerId, after)
    moved.current += Math.abs(after.x - before.x)
    if (moved.current <= slack || width <= 0) return
    if (!other) return moves.panBy((before.x - after.x) / width)
    const share = (other.x - event.currentTarget.getBoundingClientRect().left) / width
    const [far, near] = [Math.abs(before.x - other.x), Math.abs(after.x - other.x)]
    if (far > 20 && near > 20) moves.zoomBy(far / near, share)
  }

  const onPointerEnd = (event: PointerEvent<HTMLElement>) => void pointers.current.delete(event.pointerId)

  return {
    /** Whether the press that just ended was a click. */
    still: () => moved.current <= slack,
    dragging: () => pointers.current.size > 0 && moved.current > slack,
    handlers: { onPointerDown, onPointerMove, onPointerUp: onPointerEnd, onPointerCancel: onPointerEnd },
  }
}

const clamp = (n: number, most: number) => Math.min(Math.max(n, -most), most)
