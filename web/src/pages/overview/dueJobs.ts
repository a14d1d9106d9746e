import { jobsQuery } from '@/api/jobs'

/** The jobs that are due next, in order; jobs that are never due come last. */
export const dueJobsQuery = jobsQuery({ sort: 'next', disabled: false, end: 8 })
