import { Skeleton } from '@mantine/core'
import { Component, lazy, Suspense, type ReactNode } from 'react'
import { part } from '../part'
import classes from './Notes.module.css'

const Markdown = lazy(part(() => import('./Markdown')))

/** Notes in Markdown. Their source is shown if they can't be drawn. */
export function Notes({ text }: { text: string }) {
  return (
    <AsText key={text} text={text}>
      <Suspense fallback={<Skeleton h={60} radius="md" aria-label="Loading the notes" />}>
        <Markdown text={text} />
      </Suspense>
    </AsText>
  )
}

class AsText extends Component<{ text: string; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError = () => ({ failed: true })

  override render() {
    return this.state.failed ? <p className={classes.source}>{this.props.text}</p> : this.props.children
  }
}
