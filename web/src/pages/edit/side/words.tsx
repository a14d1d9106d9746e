import { createContext, useContext } from 'react'
import type { Preview } from '@/api/jobs'
import classes from './side.module.css'

/** What the server says to the draft's times and nodes, while it knows. */
export const PreviewContext = createContext<Preview | undefined>(undefined)

/** The schedule in plain words, if the server tells it. */
export function TimingWords() {
  const preview: (Preview & { schedule_text?: string }) | undefined = useContext(PreviewContext)
  const text = preview?.schedule_text
  return text && preview.schedule !== '@manually' ? <p className={classes.words}>{text}</p> : null
}
