import { show as showPages, type Answers } from '@/testing/show'
import { JobPage } from './JobPage'
import { jobSearch } from './search'

export type { Answers } from '@/testing/show'

/** Shows a job's page at an address, with a network that answers from the table. */
export const show = (address: string, answers: Answers) =>
  showPages(
    address,
    [
      { path: '/jobs/$job', validateSearch: jobSearch, component: JobPage },
      { path: '/jobs', component: () => 'the list of jobs' },
      { path: '/launches/$launch', component: () => 'the page of a launch' },
    ],
    answers,
  )

/** A job as the server returns it. */
export const stored = {
  id: 'a',
  name: 'a',
  displayname: 'Backup',
  schedule: '@hourly',
  schedule_text: 'Every hour',
  timezone: '',
  owner: 'data',
  owner_email: 'data@example.com',
  success_count: 1,
  error_count: 1,
  last_success: null,
  last_error: null,
  disabled: false,
  tags: { role: 'db:1' },
  metadata: null,
  retries: 0,
  dependent_jobs: null,
  parent_job: '',
  processors: {},
  concurrency: 'allow',
  executor: 'shell',
  executor_config: { command: 'pg_dump' },
  status: 'success',
  next: '2026-11-24T04:00:00Z',
  ephemeral: false,
  starts_at: null,
  expires_at: null,
  parents: [],
  running: 0,
  queued: 0,
  revision: 2,
}
