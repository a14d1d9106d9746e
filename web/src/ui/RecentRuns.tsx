import { Tooltip } from '@mantine/core'
import { useState, type CSSProperties, type KeyboardEvent, type PointerEvent } from 'react'
import type { RecentLaunch } from '@/api/jobs'
import { launchWords, ranNothing } from './health'
import { Icon } from './Icon'
import { PlainLink } from './link'
import classes from './RecentRuns.module.css'
import { counted } from './size'
import { lookOf } from './state'
import { useNow } from './useNow'
import { useZone } from './zone'

interface Props {
  /** Newest first. */
  launches: readonly RecentLaunch[]
  /** The job's name, as the page shows it. */
  of: string
  /** How many places there are: fewer launches leave some empty. */
  places?: number
}

/**
 * The last launches of a job as squares, the newest at the right. All are one link, so that a list of jobs has one Tab
 * stop for each: it opens the launch that is pointed at; arrow keys choose another.
 */
export function RecentRuns({ launches, of, places = 10 }: Props) {
  const [at, setAt] = useState<number>()
  const shown = launches.slice(0, places).toReversed()
  if (!shown.length) return <span className={classes.none}>–</span>
  const chosen = at === undefined ? undefined : shown[Math.min(at, shown.length - 1)]
  const newest = shown.length - 1

  const move = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, Home: -places, End: places }
    const step = steps[event.key]
    if (event.key === 'Escape') setAt(undefined)
    if (!step) return
    event.preventDefault()
    setAt(Math.min(Math.max((at ?? newest) + step, 0), newest))
  }
  const point = (event: PointerEvent) => {
    const square = (event.target as Element).closest<HTMLElement>('[data-at]')
    if (square) setAt(Number(square.dataset.at))
  }
  return (
    <span className={classes.whole}>
      <PlainLink
        to="/launches/$launch"
        params={{ launch: (chosen ?? shown[newest]!).id }}
        preload={false}
        className={classes.strip}
        aria-label={`The ${counted(shown.length, 'last launch', 'last launches')} of ${of}: ${tally(shown)}. Arrow keys go from one to the next.`}
        onKeyDown={move}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => setAt(undefined)}
        onFocus={event => event.currentTarget.matches(':focus-visible') && setAt(newest)}
        onBlur={() => setAt(undefined)}
      >
        {Array.from({ length: places - shown.length }, (_, i) => (
          <span key={i} className={classes.empty} />
        ))}
        {shown.map((launch, i) => (
          <Square key={launch.id} launch={launch} at={i} chosen={launch === chosen} />
        ))}
      </PlainLink>
      {chosen && <Words launch={chosen} place={places - shown.length + shown.indexOf(chosen)} />}
    </span>
  )
}

function Square({ launch, at, chosen }: { launch: RecentLaunch; at: number; chosen: boolean }) {
  const { tone, icon } = lookOf(launch.state)
  return (
    <span
      className={classes.square}
      data-at={at}
      data-tone={tone}
      data-state={launch.state}
      data-hollow={ranNothing(launch) || undefined}
      data-chosen={chosen || undefined}
    >
      {launch.state !== 'success' && <Icon name={icon} size={10} strokeWidth={4} />}
    </span>
  )
}

/** The words of the chosen launch, at its place, and for screen readers. */
function Words({ launch, place }: { launch: RecentLaunch; place: number }) {
  const words = launchWords(launch, useNow(), useZone())
  return (
    <>
      <Tooltip opened label={words} multiline maw={360}>
        <span className={classes.place} style={{ '--place': place } as CSSProperties} />
      </Tooltip>
      <output className="spoken" aria-live="polite">
        {words}
      </output>
    </>
  )
}

/** `7 success, 2 failed, 1 timed out`, in the order of the newest. */
function tally(shown: readonly RecentLaunch[]): string {
  const counts = new Map<string, number>()
  for (const { state } of shown.toReversed()) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].map(([state, n]) => `${n} ${lookOf(state as RecentLaunch['state']).label}`).join(', ')
}
