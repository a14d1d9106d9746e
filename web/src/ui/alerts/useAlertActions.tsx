import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Job } from '@/api/jobs'
import { ackAlert, addSilence, endSilence, noticeKeys, type Alert, type Silence } from '@/api/notifications'
import { attempt, tell } from '../act'
import { patternOf } from './match'
import { askForText } from './prompt'
import { stageOf } from './silence'
import { jobNameOf, nameOf } from '../words'
import { eventWords, matchWords } from './words'

/** What people do about alerts, with the questions and messages. */
export function useAlertActions() {
  const queries = useQueryClient()
  return useMemo(() => {
    const refresh = (key: readonly string[]) => queries.invalidateQueries({ queryKey: key })
    return {
      async acknowledge(alert: Alert) {
        const { number, event } = alert
        const job = jobNameOf(alert)
        const note = await askForText({
          title: `Acknowledge the alert of ${job}?`,
          children: `${eventWords(event)}. Nobody is reminded of it any more; it closes when the job succeeds.`,
          label: 'Note for others (optional)',
          confirm: 'Acknowledge',
        })
        if (note === undefined) return
        const done = await attempt(`acknowledge the alert of ${job}`, () => ackAlert(number, note))
        await refresh(noticeKeys.alerts)
        if (done) tell(`Acknowledged the alert of ${job}`)
      },

      /** Silences one job for a time such as `8h`; `words` say how long that is. */
      async silence(job: Pick<Job, 'name'> & { displayname?: string }, duration: string, words: string) {
        const name = nameOf(job)
        const reason = await askForText({
          title: `Silence ${name} for ${words}?`,
          children: 'What happens to it until then is not reported, and not afterwards either. The job still runs.',
          label: 'Reason',
          confirm: 'Silence',
          required: true,
        })
        if (!reason) return
        const write = { match: { jobs: [patternOf(job.name)] }, duration, reason }
        const done = await attempt(`silence ${name}`, () => addSilence(write))
        await refresh(noticeKeys.silences)
        if (done) tell(`${name} is silent for ${words}`)
      },

      /** Ends a silence, or cancels one that has not begun. */
      async end(silence: Silence) {
        const planned = stageOf(silence, Date.now()) === 'planned'
        const what = `the silence of ${matchWords(silence.match)}`
        const done = await attempt(`${planned ? 'cancel' : 'end'} ${what}`, () => endSilence(silence.number))
        await refresh(noticeKeys.silences)
        if (done) tell(`${planned ? 'Cancelled' : 'Ended'} ${what}`)
      },
    }
  }, [queries])
}
