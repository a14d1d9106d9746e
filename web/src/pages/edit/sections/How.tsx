import { Switch } from '@mantine/core'
import { Panel } from '@/ui/Panel'
import { useEditing } from '../draft'
import classes from '../fields/fields.module.css'
import { ChoiceField, NumberField, TextField } from '../fields/inputs'
import { FieldGroup, More, Options } from '../fields/parts'
import { Rows } from '../fields/Rows'
import { Channels } from './Channels'

const policies = [
  { value: 'allow', label: 'Run in parallel', help: 'Launches run at the same time (allow).' },
  { value: 'forbid', label: 'Skip the new one', help: 'Recorded as skipped; manual runs start (forbid).' },
  { value: 'queue', label: 'Wait in a queue', help: 'One after the other, in order (queue).' },
  { value: 'replace', label: 'Stop the older one', help: 'The newest takes its place (replace).' },
] as const

/** Overlap, retries, history, objectives, notifications and metadata. */
export function How() {
  const { form, set } = useEditing()
  return (
    <Panel title="How">
      <div className={classes.stack}>
        <Options
          path="concurrency"
          label="If an earlier launch has not ended"
          value={form.concurrency}
          onChange={concurrency => set({ concurrency })}
          options={policies}
        />
        {form.concurrency === 'queue' && (
          <div className={classes.grid}>
            <NumberField
              path="queue_limit"
              label="Queue limit"
              help="Further launches are skipped."
              placeholder="10"
              min={0}
              max={1000}
              value={form.queue_limit}
              onChange={queue_limit => set({ queue_limit })}
            />
          </div>
        )}
        <Retries />
        <History />
        <Objectives />
        <Channels />
        <More label="Metadata" open={form.metadata.length > 0}>
          <FieldGroup
            path="metadata"
            label="Metadata"
            help="To search and filter jobs by. A runbook that begins with https:// is a link on the job’s page."
          >
            <Rows
              rows={form.metadata}
              what="a pair"
              keyExample="team"
              valueExample="platform"
              suggest="metadata"
              onChange={metadata => set({ metadata })}
            />
          </FieldGroup>
        </More>
      </div>
    </Panel>
  )
}

function Retries() {
  const { form, set } = useEditing()
  const backoff = form.retry_backoff
  const retries = form.retries !== '' && form.retries !== 0
  return (
    <div className={classes.grid}>
      <NumberField
        path="retries"
        label="Retries"
        help="Extra attempts after a failure or timeout."
        placeholder="0"
        min={0}
        value={form.retries}
        onChange={value => set({ retries: value })}
      />
      {retries && (
        <>
          <ChoiceField
            path="retry_on"
            label="Retry on"
            help="Which node tries again."
            value={form.retry_on}
            onChange={retry_on => set({ retry_on })}
            options={[
              { value: '', label: 'The same node', word: 'same-node' },
              { value: 'other-node', label: 'Another node if possible' },
              { value: 'any', label: 'Any matching node' },
            ]}
          />
          <TextField
            path="retry_backoff.initial"
            label="First pause"
            help="Before the first retry."
            placeholder="500ms"
            mono
            value={backoff.initial}
            onChange={initial => set({ retry_backoff: { ...backoff, initial } })}
          />
          <NumberField
            path="retry_backoff.factor"
            label="Pause factor"
            help="Each pause is multiplied by this."
            placeholder="2"
            min={1}
            max={10}
            decimals={3}
            value={backoff.factor}
            onChange={factor => set({ retry_backoff: { ...backoff, factor } })}
          />
          <TextField
            path="retry_backoff.max"
            label="Longest pause"
            help="The upper limit."
            placeholder="1m0s"
            mono
            value={backoff.max}
            onChange={max => set({ retry_backoff: { ...backoff, max } })}
          />
          <Switch
            className={classes.wide}
            label="Retry lost executions"
            description="Also when the node went offline and the outcome is unknown."
            checked={form.retry_lost}
            onChange={event => set({ retry_lost: event.currentTarget.checked })}
          />
        </>
      )}
    </div>
  )
}

/** What people expect of the job. */
function Objectives() {
  const { form, set } = useEditing()
  const { objectives } = form
  const change = (changed: Partial<typeof objectives>) => set({ objectives: { ...objectives, ...changed } })
  return (
    <More label="Objectives" open={Object.values(objectives).some(Boolean)}>
      <div className={classes.grid}>
        <TextField
          path="objectives.deadline"
          label="Deadline"
          help="When it must have succeeded: a time of day in the job’s zone, or +2h after it is due."
          placeholder="none, e.g. mon-fri 06:00"
          mono
          value={objectives.deadline}
          onChange={deadline => change({ deadline })}
        />
        <TextField
          path="objectives.max_silence"
          label="Longest silence"
          help="The last success must not be older."
          placeholder="none, e.g. 26h"
          mono
          value={objectives.max_silence}
          onChange={max_silence => change({ max_silence })}
        />
        <TextField
          path="objectives.max_lateness"
          label="Latest start"
          help="How long after it is due it may start."
          placeholder="none, e.g. 10m"
          mono
          value={objectives.max_lateness}
          onChange={max_lateness => change({ max_lateness })}
        />
        <TextField
          path="objectives.expected_duration"
          label="Longest run"
          help="How long it may take."
          placeholder="none, e.g. 1h"
          mono
          value={objectives.expected_duration}
          onChange={expected_duration => change({ expected_duration })}
        />
      </div>
    </More>
  )
}

function History() {
  const { form, set } = useEditing()
  const { history } = form
  const used = Object.values(history).some(value => value !== '') || form.ephemeral
  return (
    <More label="History and lifetime" open={used}>
      <div className={classes.grid}>
        <NumberField
          path="history.count"
          label="Executions kept"
          help="Older entries are removed."
          placeholder="cluster default"
          min={0}
          value={history.count}
          onChange={count => set({ history: { ...history, count } })}
        />
        <TextField
          path="history.age"
          label="Kept for"
          help="After they end."
          placeholder="cluster default, e.g. 720h"
          mono
          value={history.age}
          onChange={age => set({ history: { ...history, age } })}
        />
        <NumberField
          path="history.bytes"
          label="Bytes of output kept"
          help="For all executions together."
          placeholder="cluster default"
          min={0}
          value={history.bytes}
          onChange={bytes => set({ history: { ...history, bytes } })}
        />
        <Switch
          className={classes.wide}
          label="Ephemeral"
          description="The job is deleted after its first success, unless other jobs follow it."
          checked={form.ephemeral}
          onChange={event => set({ ephemeral: event.currentTarget.checked })}
        />
      </div>
    </More>
  )
}
