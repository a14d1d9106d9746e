import { Button, Group, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { notifications } from '@mantine/notifications'
import type { ReactNode } from 'react'
import { advice, ApiError } from '@/api/error'

interface Undo {
  label?: string
  action: () => Promise<unknown>
}

/** Reports for a few seconds that something was done, with an undo button if there is one. */
export function tell(message: string, undo?: Undo) {
  const id = notifications.show({
    color: 'teal',
    autoClose: false, // its own clock stops while the pointer rests on it
    message: (
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Text size="sm">{message}</Text>
        {undo && (
          <Button
            size="compact-sm"
            variant="light"
            onClick={() => {
              notifications.hide(id)
              void attempt('undo it', undo.action)
            }}
          >
            {undo.label ?? 'Undo'}
          </Button>
        )}
      </Group>
    ),
  })
  setTimeout(() => notifications.hide(id), undo ? 10_000 : 4000)
}

/** Reports that something failed, and why, until it is closed. */
export function complain(what: string, error: unknown) {
  const e = error instanceof Error ? error : new Error(String(error))
  if (e instanceof ApiError && e.status === 401) return // the page shows a form to sign in
  notifications.show({
    color: 'red',
    autoClose: false,
    title: `Can’t ${what}`,
    message: (
      <>
        <Text size="sm">{e.message}</Text>
        <Text size="sm" c="dimmed">
          {advice(e)}
        </Text>
      </>
    ),
  })
}

/** Does something that may fail; reports the error and returns undefined if it does. */
export async function attempt<T>(what: string, action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action()
  } catch (error) {
    complain(what, error)
    return undefined
  }
}

interface Question {
  title: string
  children: ReactNode
  /** The button’s verb. */
  confirm: string
  /** Whether it destroys something. */
  danger?: boolean
}

/** Asks before something that can't be undone. */
export function ask({ title, children, confirm, danger }: Question): Promise<boolean> {
  return new Promise(resolve => {
    modals.openConfirmModal({
      title,
      closeButtonProps: { 'aria-label': 'Close' },
      children: (
        <Text size="sm" component="div">
          {children}
        </Text>
      ),
      labels: { confirm, cancel: 'Cancel' },
      confirmProps: danger ? { color: 'red' } : {},
      onConfirm: () => resolve(true),
      onCancel: () => resolve(false),
      onClose: () => resolve(false),
    })
  })
}
