import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { ackAlert, addSilence, endSilence, noticeKeys, type Alert, type Silence } from '@/api/notifications'
import { attempt, tell } from '../act'
import { patternOf } from './match'
import { askForText } from './prompt'
import { eventWords, matchWords } from './words'

/** What people do about alerts, with the questions and messages. */
export function useAlertActions() {
  const queries = useQueryClient()
  return useMemo(() => {
    const refresh = (key: readonly string[]) => queries.invalidateQueries({ queryKey: key })
    return {
      async acknowledge({ number, job, event }: Alert) {
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
      async silence(job: string, duration: string, words: string) {
        const reason = await askForText({
          title: `Silence ${job} for ${words}?`,
          children: 'What happens to it until then is not reported, and not afterwards either. The job still runs.',
          label: 'Reason',
          confirm: 'Silence',
          required: true,
        })
        if (!reason) return
        const write = { match: { jobs: [patternOf(job)] }, duration, reason }
        const done = await attempt(`silence ${job}`, () => addSilence(write))
        await refresh(noticeKeys.silences)
        if (done) tell(`${job} is silent for ${words}`)
      },

      async end({ number, match }: Silence) {
        const done = await attempt(`end the silence of ${matchWords(match)}`, () => endSilence(number))
        await refresh(noticeKeys.silences)
        if (done) tell(`Ended the silence of ${matchWords(match)}`)
      },
    }
  }, [queries])
}
