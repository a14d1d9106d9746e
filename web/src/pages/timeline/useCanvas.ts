import { useLayoutEffect, useRef } from 'react'

type Paint = (context: CanvasRenderingContext2D) => void

/** A canvas at the screen's resolution, painted on every render. Sizes are in CSS pixels. */
export function useCanvas(width: number, height: number, paint: Paint) {
  const ref = useRef<HTMLCanvasElement>(null)
  useLayoutEffect(() => {
    const canvas = ref.current
    const context = canvas?.getContext('2d')
    if (!canvas || !context || width <= 0 || height <= 0) return
    const ratio = window.devicePixelRatio || 1
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)]
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w
      canvas.height = h
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, width, height)
    paint(context)
  })
  return ref
}
