import { deleteJob, runJob, stopJob, toggleJob, type JobFilter } from '@/api/jobs'
import type { IconName } from '@/ui/Icon'
import { runsHere } from '@/ui/words'
import { childrenFirst, type Chosen } from './generations'

/** An action on many jobs. */
export interface Act {
  verb: string
  icon: IconName
  /** `Launching 3 of 20`. */
  doing: string
  /** `20 jobs launched`. */
  done: string
  /** What it does, for the question. */
  meaning: string
  danger?: boolean
  /** Which jobs it applies to; the others stay unchanged. */
  concerns?: Concerns
  /** The order: a group starts when the previous one is done. */
  groups?: (jobs: readonly Chosen[]) => Chosen[][]
  action: (name: string) => Promise<unknown>
}

/** Which jobs an action is for. */
interface Concerns {
  holds: (job: Chosen) => boolean
  /** What the others are: `3 jobs already enabled`. */
  others: string
  /** Finds the others among all jobs. */
  apart: JobFilter
}

export const acts = {
  run: {
    verb: 'Run now',
    icon: 'play',
    doing: 'Launching',
    done: 'launched',
    meaning: 'Launches each job now, disabled ones too. Schedules continue.',
    concerns: { apart: { executor: 'checkin' }, holds: runsHere, others: 'run elsewhere (check-in)' },
    action: runJob,
  },
  enable: {
    verb: 'Enable',
    icon: 'check',
    doing: 'Enabling',
    done: 'enabled',
    meaning: 'They start on schedule again.',
    concerns: { apart: { disabled: false }, holds: job => job.disabled === true, others: 'already enabled' },
    action: name => setEnabled(name, true),
  },
  disable: {
    verb: 'Disable',
    icon: 'pause',
    doing: 'Disabling',
    done: 'disabled',
    meaning: 'They do not start on schedule until enabled again. Running launches continue.',
    concerns: { apart: { disabled: true }, holds: job => job.disabled !== true, others: 'already disabled' },
    action: name => setEnabled(name, false),
  },
  stop: {
    verb: 'Stop',
    icon: 'stop',
    doing: 'Stopping',
    done: 'asked to stop',
    meaning: 'Stops their running, waiting and queued launches. Schedules continue.',
    danger: true,
    action: name => stopJob(name),
  },
  delete: {
    verb: 'Delete',
    icon: 'trash',
    doing: 'Deleting',
    done: 'deleted',
    meaning:
      'Deletes their definitions and history for good. Running launches continue unless you stop them first. Export the jobs first to keep the definitions.',
    danger: true,
    groups: childrenFirst,
    action: name => deleteJob(name),
  },
} satisfies Record<string, Act>

export type ActName = keyof typeof acts

/** The API can only toggle: if somebody else has just done so, this toggles back. */
async function setEnabled(name: string, enabled: boolean) {
  const job = await toggleJob(name)
  if (job.disabled === enabled) await toggleJob(name)
}
