import { Button } from '@mantine/core'
import { timeOf } from '@/api/client'
import type { Alert } from '@/api/notifications'
import { Link, LinkButton, PlainLink } from '../link'
import { May } from '../may'
import { Since } from '../Since'
import { counted } from '../size'
import { Badge } from '../StateBadge'
import { When } from '../When'
import { jobNameOf } from '../words'
import classes from './List.module.css'
import { useAlertActions } from './useAlertActions'
import { eventWords, severityLook } from './words'

interface Props {
  alerts: readonly Alert[]
  /** On the page of their job, which needs no link to itself. */
  ofJob?: boolean
}

/** Alerts that are open, those that nobody has acknowledged first. */
export function AlertList({ alerts, ofJob }: Props) {
  const sorted = alerts.toSorted((a, b) => Number(!!a.acked_at) - Number(!!b.acked_at))
  return (
    <ul className={classes.list} aria-label="Open alerts">
      {sorted.map(alert => (
        <Item key={alert.number} alert={alert} ofJob={ofJob} />
      ))}
    </ul>
  )
}

function Item({ alert, ofJob }: { alert: Alert; ofJob?: boolean }) {
  const { acknowledge } = useAlertActions()
  const { job, event, launch, rule, reason, severity, count } = alert
  const since = timeOf(alert.since)
  const name = jobNameOf(alert)
  return (
    <li className={classes.item} data-done={!!alert.acked_at || undefined}>
      <div className={classes.what}>
        <div className={classes.head}>
          <Badge look={severityLook(severity)} name={severity} />
          <May verb="write" all>
            {!ofJob && (
              <PlainLink to="/jobs/$job" params={{ job }} className={classes.name}>
                {name}
              </PlainLink>
            )}
          </May>
          <span>{eventWords(event)}</span>
        </div>
        {reason && <div className={classes.reason}>{reason}</div>}
        <div className={classes.facts}>
          {since && (
            <span>
              <Since at={since} />
            </span>
          )}
          <span>
            {counted(count, 'time')}
            {count > 1 && (
              <>
                , last <When at={timeOf(alert.last)} />
              </>
            )}
          </span>
          {launch && (
            <Link to="/launches/$launch" params={{ launch }}>
              Launch
            </Link>
          )}
          <Link to="/notifications" search={{ tab: 'rules', edit: rule }}>
            Rule {rule}
          </Link>
        </div>
        <Acknowledged alert={alert} />
      </div>
      <div className={classes.actions}>
        <May verb="run" all>
          {!alert.acked_at && (
            <Button
              size="xs"
              variant="light"
              aria-label={`Acknowledge ${name}, ${rule}`}
              onClick={() => void acknowledge(alert)}
            >
              Acknowledge
            </Button>
          )}
        </May>
        {!ofJob && (
          <LinkButton
            size="xs"
            variant="default"
            to="/notifications"
            search={{ tab: 'silences', create: true, job }}
            aria-label={`Silence… ${name}`}
          >
            Silence…
          </LinkButton>
        )}
      </div>
    </li>
  )
}

function Acknowledged({ alert }: { alert: Alert }) {
  const at = timeOf(alert.acked_at)
  if (!at) return null
  return (
    <div className={classes.facts}>
      <span>
        Acknowledged by {alert.acked_by || 'somebody'} <When at={at} />
        {alert.note && `: ${alert.note}`}
      </span>
    </div>
  )
}
