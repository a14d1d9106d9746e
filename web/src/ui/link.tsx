import { Anchor, Button, Menu, type AnchorProps, type ButtonProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import type { AnchorHTMLAttributes, Ref } from 'react'
import { clsx } from './clsx'

// Mantine's look with the router's typed addresses. All are real links: they can be opened in a new tab.
type A<P> = P & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof P> & { ref?: Ref<HTMLAnchorElement> }

export const Link = createLink((props: A<AnchorProps>) => <Anchor {...props} />)
export const PlainLink = createLink((props: A<{ className?: string }>) => (
  <a {...props} className={clsx('plain', props.className)}>
    {props.children}
  </a>
))
export const LinkButton = createLink((props: A<ButtonProps>) => <Button component="a" {...props} />)
export const LinkMenuItem = createLink((props: A<{ leftSection?: React.ReactNode }>) => (
  <Menu.Item component="a" {...props} />
))
