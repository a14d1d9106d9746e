import type { Cause } from '@/api/launches'

interface Words {
  label: string
  /** Why there is such a launch, to go on after "This launch". */
  because: string
}

/** Why a launch came to be, in words. */
export const causes: Record<Cause, Words> = {
  schedule: { label: 'schedule', because: 'was due by the schedule' },
  manual: { label: 'run by hand', because: 'was asked for' },
  parent: { label: 'after a parent', because: 'came after a parent ended' },
  catchup: { label: 'catch-up', because: 'was missed, and was caught up on' },
  create: { label: 'on creation', because: 'was asked for by the definition when it was stored (runoncreate)' },
}
