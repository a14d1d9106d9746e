import { useEffect, useRef, useState, type CSSProperties, type KeyboardEvent } from 'react'
import { useZone } from '@/ui/zone'
import { Icon } from '@/ui/Icon'
import { PlainLink } from '@/ui/link'
import { StateBadge } from '@/ui/StateBadge'
import { counted } from '@/ui/size'
import { lookOf } from '@/ui/state'
import { clockTime, shortTime, took } from '@/ui/time'
import { useNow } from '@/ui/useNow'
import { plainReason } from '@/ui/words'
import { barWords, extras, lengthOf, scaleOf, type Bar, type Group, type Scale } from './bars'
import classes from './History.module.css'

/**
 * A bar per execution, the newest at the right; text below describes the selected one. It is one Tab stop: arrow keys go
 * from bar to bar, Enter opens the launch.
 */
export function Picture({ groups }: { groups: Group[] }) {
  const now = useNow()
  const zone = useZone()
  const bars = groups.flatMap(g => g.bars)
  const [chosen, setChosen] = useState<string>()
  const shown = bars.find(b => b.id === chosen) ?? bars.at(-1)!
  const scale = scaleOf(bars.map(b => lengthOf(b, now)))
  const strip = useRef<HTMLDivElement>(null)

  // The newest matters most; if not all fit, scroll to the right end.
  const newest = bars.at(-1)!.id
  useEffect(() => {
    if (strip.current && newest) strip.current.scrollLeft = strip.current.scrollWidth
  }, [newest])

  function move(event: KeyboardEvent) {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, Home: -bars.length, End: bars.length }
    const step = steps[event.key]
    if (!step) return
    event.preventDefault()
    const at = Math.min(Math.max(bars.indexOf(shown) + step, 0), bars.length - 1)
    strip.current?.querySelectorAll<HTMLElement>('a')[at]?.focus()
  }

  return (
    <>
      <div className={classes.frame}>
        <Lines scale={scale} />
        <div className={classes.strip} ref={strip}>
          <nav
            className={classes.bars}
            aria-label={`The last ${counted(bars.length, 'execution')}, the newest last. Arrow keys go from one to the next.`}
          >
            {groups.map(group => (
              <div key={group.launch} className={classes.group} style={{ '--n': group.bars.length } as CSSProperties}>
                {group.bars.map(bar => (
                  <PlainLink
                    key={bar.id}
                    to="/launches/$launch"
                    params={{ launch: bar.launch }}
                    preload={false}
                    className={classes.bar}
                    data-tone={lookOf(bar.status).tone}
                    data-chosen={bar === shown || undefined}
                    data-retry={bar.attempt > 1 || undefined}
                    tabIndex={bar === shown ? 0 : -1}
                    aria-label={barWords(bar, lookOf(bar.status).label, now, zone)}
                    onKeyDown={move}
                    onFocus={() => setChosen(bar.id)}
                    onMouseEnter={() => setChosen(bar.id)}
                  >
                    <span className={classes.well}>
                      <span
                        className={classes.column}
                        style={{ height: `${scale.share(lengthOf(bar, now)) * 100}%` }}
                      />
                    </span>
                    <span className={classes.sign}>
                      {bar.status !== 'success' && <Icon name={lookOf(bar.status).icon} size={9} strokeWidth={4} />}
                    </span>
                  </PlainLink>
                ))}
              </div>
            ))}
          </nav>
        </div>
      </div>
      <div className={classes.span}>
        <span>{scale.kind === 'log' ? 'height: duration, log scale' : 'height: duration'}</span>
        <span>{[...new Set([bars[0]!, bars.at(-1)!].map(b => shortTime(b.started, now, zone)))].join(' – ')}</span>
      </div>
      <Details bar={shown} now={now} zone={zone} />
    </>
  )
}

function Lines({ scale }: { scale: Scale }) {
  return (
    <div className={classes.lines} aria-hidden="true">
      {scale.ticks.map(tick => (
        <div key={tick} style={{ bottom: `${scale.share(tick) * 100}%` }}>
          <span>{took(tick)}</span>
        </div>
      ))}
    </div>
  )
}

/** One execution as text. */
function Details({ bar, now, zone }: { bar: Bar; now: number; zone?: string }) {
  return (
    <div className={classes.details}>
      <StateBadge state={bar.status} reason={bar.error} />
      <PlainLink to="/launches/$launch" params={{ launch: bar.launch }} className={classes.when}>
        {clockTime(bar.started, zone)}
      </PlainLink>
      <span>
        on{' '}
        <PlainLink to="/nodes/$node" params={{ node: bar.node }}>
          {bar.node}
        </PlainLink>
      </span>
      <span>
        {bar.ended ? 'took' : 'for'} {took(lengthOf(bar, now))}
      </span>
      {extras(bar).map(text => (
        <span key={text}>{text}</span>
      ))}
      {bar.error && bar.exitCode === undefined && (
        <span className={classes.error}>{plainReason(bar.error, bar.status)}</span>
      )}
    </div>
  )
}
