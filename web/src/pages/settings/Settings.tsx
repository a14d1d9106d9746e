import { Page } from '@/ui/Page'
import { Examples } from './Examples'
import { History } from './History'
import { Submissions } from './Submissions'
import classes from './Settings.module.css'
import { ThisBrowser } from './ThisBrowser'

/** What a reader chooses for this browser, what holds for the cluster, and how to do the same from a script. */
export function Settings() {
  return (
    <Page title="Settings">
      <div className={classes.grid}>
        <ThisBrowser />
        <div className={classes.column}>
          <History />
          <Submissions />
        </div>
      </div>
      <Examples />
    </Page>
  )
}
