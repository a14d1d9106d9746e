import type { Plugin } from '@/api/plugins'

interface Look {
  tone: 'good' | 'warn' | 'bad' | 'calm'
  label: string
  meaning: string
}

/** What a state looks like, and what it means. */
export const pluginLooks: Record<Plugin['state'], Look> = {
  idle: { tone: 'calm', label: 'Idle', meaning: 'Its process starts with the first execution.' },
  starting: { tone: 'warn', label: 'Starting', meaning: 'Its process is not ready yet.' },
  running: { tone: 'good', label: 'Running', meaning: 'Its process takes executions.' },
  restarting: { tone: 'bad', label: 'Restarting', meaning: 'It failed and is started again after a pause.' },
  failed: { tone: 'bad', label: 'Failed', meaning: 'It failed and is started again with the next execution.' },
  retired: { tone: 'calm', label: 'Ending', meaning: 'Its process ends after its executions.' },
  refused: { tone: 'bad', label: 'Not used', meaning: 'It is never started.' },
}

/** Why it does not work, or what went wrong last. */
export const troubleOf = ({ reason, last_error }: Plugin): string => reason || last_error
