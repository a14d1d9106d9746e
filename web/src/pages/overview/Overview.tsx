import { Page } from '@/ui/Page'
import { Attention } from './Attention'
import { BrokenPlugins } from './BrokenPlugins'
import { DueNext } from './DueNext'
import { Objectives } from './Objectives'
import classes from './Overview.module.css'
import { OverTime } from './OverTime'
import { Recovered } from './Recovered'
import { RunningNow } from './RunningNow'
import { Tiles } from './Tiles'

/** The fleet at a glance; everything links to details. */
export function Overview() {
  return (
    <Page title="Overview">
      <Attention />
      <Objectives />
      <BrokenPlugins />
      <Tiles />
      <div className={classes.grid}>
        <div className={classes.column}>
          <OverTime />
          <Recovered />
        </div>
        <div className={classes.column}>
          <RunningNow />
          <DueNext />
        </div>
      </div>
    </Page>
  )
}
