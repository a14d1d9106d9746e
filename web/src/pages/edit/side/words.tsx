import { createContext, useContext } from 'react'
import type { Preview } from '@/api/jobs'
import { shortWords } from '@/ui/words'
import classes from './side.module.css'

/** The server's preview of the draft, once it is there. */
export const PreviewContext = createContext<Preview | undefined>(undefined)

/** The schedule in words, if the server has them. */
export function TimingWords() {
  const preview: (Preview & { schedule_text?: string }) | undefined = useContext(PreviewContext)
  const text = preview?.schedule_text
  return text && preview.schedule !== '@manually' ? <p className={classes.words}>{shortWords(text)}</p> : null
}
