import { Page } from '@/ui/Page'
import { DueNext } from './DueNext'
import { FailedLately } from './FailedLately'
import classes from './Overview.module.css'
import { OverTime } from './OverTime'
import { RunningNow } from './RunningNow'
import { Tiles } from './Tiles'

/** The fleet at a glance; everything links to details. */
export function Overview() {
  return (
    <Page title="Overview">
      <Tiles />
      <div className={classes.grid}>
        <div className={classes.column}>
          <OverTime />
          <FailedLately />
        </div>
        <div className={classes.column}>
          <RunningNow />
          <DueNext />
        </div>
      </div>
    </Page>
  )
}
