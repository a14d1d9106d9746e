import { Button, Group, Text, TextInput } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useState, type FormEvent, type ReactNode } from 'react'

interface Question {
  title: string
  children: ReactNode
  /** The label of the field. */
  label: string
  /** The button’s verb. */
  confirm: string
  required?: boolean
}

/** Asks for a line of text before something is done; undefined if the answer is no. */
export function askForText({ title, ...rest }: Question): Promise<string | undefined> {
  return new Promise(resolve => {
    const id = modals.open({
      title,
      closeButtonProps: { 'aria-label': 'Close' },
      onClose: () => resolve(undefined),
      children: (
        <Form
          {...rest}
          answer={text => {
            resolve(text)
            modals.close(id)
          }}
        />
      ),
    })
  })
}

interface Props extends Omit<Question, 'title'> {
  answer: (text: string | undefined) => void
}

function Form({ children, label, confirm, required, answer }: Props) {
  const [text, setText] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    answer(text.trim())
  }
  return (
    <form onSubmit={submit}>
      <Text size="sm" mb="sm" component="div">
        {children}
      </Text>
      <TextInput
        label={label}
        value={text}
        maxLength={1000}
        required={required}
        onChange={event => setText(event.currentTarget.value)}
        data-autofocus
      />
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={() => answer(undefined)}>
          Cancel
        </Button>
        <Button type="submit" disabled={required && !text.trim()}>
          {confirm}
        </Button>
      </Group>
    </form>
  )
}
