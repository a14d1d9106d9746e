import { expect, it } from 'vitest'
import type { Job } from '@/api/jobs'
import { nothingDue } from './nothingDue'

const job = (fields: Partial<Job>) => fields as Job

it('says why nothing is due', () => {
  const now = Date.parse('2026-11-24T00:00:00Z')
  expect(nothingDue(job({ expires_at: '2026-11-23T00:00:00Z' }), now)).toContain('expired')
  expect(nothingDue(job({ expires_at: '2026-11-25T00:00:00Z' }), now)).toContain('before it expires')
  expect(nothingDue(job({ schedule: '@at 2026-11-23T00:00:00Z' }), now)).toContain('once')
})
