import { jobsQuery } from '@/api/jobs'

/** The jobs that are due next, each once, the first first. Behind them come those that are never due. */
export const dueJobsQuery = jobsQuery({ sort: 'next', disabled: false, end: 8 })
