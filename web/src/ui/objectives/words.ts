import type { Objective } from '@/api/objectives'
import type { IconName } from '@/ui/Icon'
import { durationWords } from '@/ui/alerts/words'
import type { Tone } from '@/ui/state'

export const looks: Record<Objective['state'], { tone: Tone; icon: IconName; label: string }> = {
  broken: { tone: 'bad', icon: 'alert', label: 'broken' },
  at_risk: { tone: 'odd', icon: 'clock', label: 'at risk' },
  met: { tone: 'good', icon: 'check', label: 'met' },
  unknown: { tone: 'calm', icon: 'clock', label: 'no data yet' },
}

/** An objective in words: `Succeeds by mon-fri 06:00`. */
export function objectiveWords({ objective, expected }: Pick<Objective, 'objective' | 'expected'>): string {
  const text = durationWords(expected)
  switch (objective) {
    case 'deadline':
      return expected.startsWith('+')
        ? `Succeeds within ${durationWords(expected.slice(1))} after it is due`
        : `Succeeds by ${expected}`
    case 'max_lateness':
      return `Starts within ${text} after it is due`
    case 'expected_duration':
      return `Runs for ${text} at most`
    case 'max_silence':
      return `Succeeds at least every ${text}`
  }
}
