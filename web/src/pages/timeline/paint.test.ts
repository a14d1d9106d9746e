import { expect, test } from 'vitest'
import { paintLabels, type Scene } from './paint'

const at = (x: number, label: string) => ({ at: x, label, day: false })

test('a label that the end of the axis would cut is left out: half a time is read as another', () => {
  const written: string[] = []
  const context = {
    measureText: (text: string) => ({ width: text.length * 6 }),
    fillText: (text: string) => written.push(text),
  } as unknown as CanvasRenderingContext2D
  const scene = {
    view: { from: 0, to: 100 },
    width: 100,
    ticks: [at(10, '13:00'), at(64, '13:30'), at(80, '14:00')],
    palette: {},
  } as unknown as Scene
  paintLabels(context, scene)
  expect(written).toEqual(['13:00', '13:30'])
})
