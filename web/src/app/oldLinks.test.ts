import { expect, it } from 'vitest'
import { placeOf } from './oldLinks'

it.each([
  ['#/', '/'],
  ['#/login', '/'],
  ['#/jobs', '/jobs'],
  ['#/jobs?filter=%7B%22status%22%3A%22failed%22%7D&order=ASC&page=1&perPage=25&sort=name', '/jobs?status=failed'],
  ['#/jobs?filter={"q":"back up","disabled":true}', '/jobs?search=back+up&disabled=true'],
  ['#/jobs?filter={broken', '/jobs'],
  ['#/jobs?filter=null', '/jobs'],
  ['#/jobs/create', '/new'],
  ['#/jobs/db-backup', '/jobs/db-backup/edit'],
  ['#/jobs/db-backup/show', '/jobs/db-backup'],
  ['#/jobs/db-backup/show/executions', '/jobs/db-backup?tab=launches'],
  ['#/jobs/db-backup/show/1', '/jobs/db-backup?tab=launches'],
  ['#/jobs/DB%20Backup/show', '/jobs/db%20backup'],
  ['#/jobs/50%/show', '/jobs/50%25'],
  ['#/busy', '/launches?state=waiting,queued,running'],
  ['#/executions', '/launches'],
  ['#/members', '/nodes'],
  ['#/nodes', '/nodes'],
  ['#/settings', '/settings'],
])('%s leads to %s', (hash, place) => {
  expect(placeOf(hash)).toBe(place)
})

it.each(['', '#', '#content', '#line-12'])('%j is no old link', hash => {
  expect(placeOf(hash)).toBeUndefined()
})
