import { timeOf } from '@/api/client'
import type { Job } from '@/api/jobs'

/** Why a schedule has no instant to come. */
export function nothingDue(job: Job, now: number): string {
  const end = timeOf(job.expires_at)
  if (end && end.getTime() <= now) return 'Its time is over: it expired.'
  if (end) return 'Nothing is due before it expires.'
  if (job.schedule?.startsWith('@at') || job.schedule?.startsWith('@after'))
    return 'It was due once, and that has passed.'
  return 'Its schedule names no time to come.'
}
