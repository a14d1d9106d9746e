/** A difference of two texts, line by line. */
export interface Line {
  kind: 'same' | 'added' | 'removed'
  text: string
}

/** Lines that are left out because nothing changed near them. */
export interface Fold {
  kind: 'fold'
  count: number
}

/** With its line number, or that of its first line. */
type Numbered = (Line | Fold) & { at: number }

/** The smallest set of removed and added lines between two texts, by their longest common subsequence. */
export function diff(before: string, after: string): Line[] {
  const a = before.split('\n')
  const b = after.split('\n')
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  return [
    ...same(a.slice(0, head)),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...same(tail ? a.slice(-tail) : []),
  ]
}

/** A whole text as lines without a change. */
export const whole = (text: string): Numbered[] =>
  text.split('\n').map((line, at) => ({ kind: 'same', text: line, at }))

const same = (lines: string[]): Line[] => lines.map(text => ({ kind: 'same', text }))

/** The largest table to build; texts that differ in thousands of lines are shown as wholly replaced. */
const mostCells = 4_000_000

function middle(a: string[], b: string[]): Line[] {
  if (a.length * b.length > mostCells)
    return [
      ...a.map(text => ({ kind: 'removed' as const, text })),
      ...b.map(text => ({ kind: 'added' as const, text })),
    ]
  const common = lengths(a, b)
  const lines: Line[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: 'same', text: a[i]! })
      i++
      j++
    } else if (j >= b.length || (i < a.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push({ kind: 'removed', text: a[i++]! })
    } else {
      lines.push({ kind: 'added', text: b[j++]! })
    }
  }
  return lines
}

/** How many lines `a` from i and `b` from j have in common, in order. */
function lengths(a: string[], b: string[]): Uint32Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      table[i]![j] = a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!)
  return table
}

/** Keeps only changed lines and some context. */
export function fold(lines: readonly Line[], around = 3): Numbered[] {
  const near = lines.map(() => false)
  for (const [i, line] of lines.entries())
    if (line.kind !== 'same') near.fill(true, Math.max(0, i - around), i + around + 1)
  const folded: Numbered[] = []
  for (let i = 0; i < lines.length;) {
    let count = 0
    while (i + count < lines.length && !near[i + count]) count++
    // Folding a single line saves nothing.
    if (count > 1) folded.push({ kind: 'fold', count, at: i })
    else folded.push({ ...lines[i]!, at: i })
    i += Math.max(count, 1)
  }
  return folded
}
