import { Checkbox } from '@mantine/core'
import { counted } from './size'

/** What a deletion means and, if something runs, whether that is to be stopped too. */
export function deletion(meaning: string, running: number, stop: (wanted: boolean) => void) {
  return (
    <>
      {meaning}
      {running > 0 && (
        <Checkbox
          mt="sm"
          label={`Also stop what runs: ${counted(running, 'launch', 'launches')}`}
          description="If it goes on, it is listed under Launches until it ends, and can be followed and stopped there."
          onChange={event => stop(event.currentTarget.checked)}
        />
      )}
    </>
  )
}
