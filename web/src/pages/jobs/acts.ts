import { deleteJob, runJob, stopJob, toggleJob, type JobFilter } from '@/api/jobs'
import type { IconName } from '@/ui/Icon'
import { childrenFirst, type Chosen } from './generations'

/** Something that can be done with many jobs. */
export interface Act {
  verb: string
  icon: IconName
  /** `Launching 3 of 20`. */
  doing: string
  /** `20 jobs launched`. */
  done: string
  /** What it means, before it is done. */
  meaning: string
  danger?: boolean
  /** Which jobs it concerns at all; the others are left alone. */
  concerns?: { filter: JobFilter; holds: (job: Chosen) => boolean; others: string }
  /** Which go first: a group is begun when the one before it has ended. */
  groups?: (jobs: readonly Chosen[]) => Chosen[][]
  action: (name: string) => Promise<unknown>
}

export const acts = {
  run: {
    verb: 'Run now',
    icon: 'play',
    doing: 'Launching',
    done: 'launched',
    meaning: 'Each gets a launch at once, also those that are disabled. Their schedules go on as they are.',
    action: runJob,
  },
  enable: {
    verb: 'Enable',
    icon: 'check',
    doing: 'Enabling',
    done: 'enabled',
    meaning: 'Their due times launch them again.',
    concerns: { filter: { disabled: true }, holds: job => job.disabled === true, others: 'enabled already' },
    action: name => setEnabled(name, true),
  },
  disable: {
    verb: 'Disable',
    icon: 'pause',
    doing: 'Disabling',
    done: 'disabled',
    meaning: 'Their due times pass without a launch until they are enabled again. What runs goes on.',
    concerns: { filter: { disabled: false }, holds: job => job.disabled !== true, others: 'disabled already' },
    action: name => setEnabled(name, false),
  },
  stop: {
    verb: 'Stop what runs',
    icon: 'stop',
    doing: 'Stopping',
    done: 'asked to stop',
    meaning: 'All that runs, waits or is queued of them is asked to end. Their schedules go on.',
    danger: true,
    action: name => stopJob(name),
  },
  delete: {
    verb: 'Delete',
    icon: 'trash',
    doing: 'Deleting',
    done: 'deleted',
    meaning:
      'Their definitions and all of their history are gone for good. What runs goes on; stop it first if it is to end. Export them first to keep the definitions.',
    danger: true,
    groups: childrenFirst,
    action: name => deleteJob(name),
  },
} satisfies Record<string, Act>

export type ActName = keyof typeof acts

/** The API can only turn it round: if somebody else did so meanwhile, it is turned back. */
async function setEnabled(name: string, enabled: boolean) {
  const job = await toggleJob(name)
  if (job.disabled === enabled) await toggleJob(name)
}
