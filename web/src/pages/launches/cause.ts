import type { Cause } from '@/api/launches'

/** Why a launch came to be, in words. */
export const causes: Record<Cause, string> = {
  schedule: 'schedule',
  manual: 'run by hand',
  parent: 'after a parent',
  catchup: 'catch-up',
  create: 'on creation',
}
