import { timeOf } from '@/api/client'
import type { Job } from '@/api/jobs'

/** Why a schedule has no future instant. */
export function nothingDue(job: Job, now: number): string {
  const end = timeOf(job.expires_at)
  if (end && end.getTime() <= now) return 'It has expired.'
  if (end) return 'Nothing is due before it expires.'
  if (job.schedule?.startsWith('@at') || job.schedule?.startsWith('@after')) return 'It was due once, in the past.'
  return 'Its schedule has no future times.'
}
