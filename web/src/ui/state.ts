import type { ExecutionStatus } from '@/api/executions'
import type { Job } from '@/api/jobs'
import type { LaunchState } from '@/api/launches'
import type { IconName } from './Icon'

/** Every word that the page has for how something stands. */
export type State = LaunchState | ExecutionStatus | Job['status'] | 'disabled'

/** What a state means: a colour of the theme (see theme.css), a sign, and words. Colour is never the only sign. */
export interface Look {
  tone: Tone
  icon: IconName
  label: string
  /** One sentence for somebody who sees the word for the first time. */
  meaning: string
}

export type Tone = 'good' | 'bad' | 'live' | 'wait' | 'odd' | 'calm'

const looks: Record<State, Look> = {
  '': { tone: 'calm', icon: 'clock', label: 'never ran', meaning: 'It has not run yet.' },
  success: { tone: 'good', icon: 'check', label: 'success', meaning: 'All targets succeeded.' },
  failed: { tone: 'bad', icon: 'cross', label: 'failed', meaning: 'A target failed, after all of its attempts.' },
  partially_failed: {
    tone: 'bad',
    icon: 'alert',
    label: 'partly failed',
    meaning: 'Some targets succeeded, some did not.',
  },
  timed_out: {
    tone: 'bad',
    icon: 'clock',
    label: 'timed out',
    meaning: 'It took longer than its timeout and was ended.',
  },
  stopped: { tone: 'odd', icon: 'stop', label: 'stopped', meaning: 'Somebody, or a newer launch, stopped it.' },
  lost: {
    tone: 'odd',
    icon: 'question',
    label: 'lost',
    meaning: 'Its node went away: what became of it can’t be known.',
  },
  running: { tone: 'live', icon: 'play', label: 'running', meaning: 'It was handed out and has not ended.' },
  waiting: { tone: 'wait', icon: 'clock', label: 'waiting', meaning: 'It waits for a node that it can run on.' },
  queued: { tone: 'wait', icon: 'list', label: 'queued', meaning: 'It waits for an earlier launch of the job to end.' },
  skipped: {
    tone: 'calm',
    icon: 'skip',
    label: 'skipped',
    meaning: 'It was due and held back on purpose; the reason says why.',
  },
  missed: {
    tone: 'odd',
    icon: 'ban',
    label: 'missed',
    meaning: 'It was due while nobody could fire it, and too long ago to catch up.',
  },
  no_target: {
    tone: 'bad',
    icon: 'ban',
    label: 'no target',
    meaning: 'No live node matched the job’s tags within ten seconds.',
  },
  disabled: {
    tone: 'calm',
    icon: 'pause',
    label: 'disabled',
    meaning: 'Its due times pass without a launch; it can be run by hand.',
  },
}

export const lookOf = (state: State): Look => looks[state]
