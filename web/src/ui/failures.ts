import { failedStates } from '@/api/launches'

/** What every page means by recent failures: the search of the launches that shows them. */
export const recentFailures = { state: [...failedStates], period: 'day' as const }

/** The same period, in milliseconds. */
export const recent = 86_400_000
