/** Steps of an axis that people like: 1, 2 or 5 times a power of ten. */
export function niceStep(range: number, ticks: number): number {
  const rough = Math.max(range, Number.MIN_VALUE) / ticks
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find(f => f * power >= rough * 0.999) ?? 10
  return factor * power
}

/** Values of the grid lines, from 0 to the first at or above the largest. Whole numbers if `whole`. */
export function niceTicks(largest: number, ticks: number, whole = false): number[] {
  const step = Math.max(niceStep(largest || 1, ticks), whole ? 1 : 0)
  const count = Math.max(1, Math.ceil((largest || 1) / step - 1e-9))
  return Array.from({ length: count + 1 }, (_, i) => i * step)
}

/** Which of `count` marks get a label: at most `most`, always the last. */
export function labelled(count: number, most: number): number[] {
  const step = Math.max(1, Math.ceil(count / most))
  const marks: number[] = []
  for (let i = count - 1; i >= 0; i -= step) marks.unshift(i)
  return marks
}
