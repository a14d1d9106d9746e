import {
  ActionIcon,
  AppShell,
  Burger,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect, type ReactNode } from 'react'
import { Icon } from '@/ui/Icon'
import { LinkButton, PlainLink } from '@/ui/link'
import { May, useMay } from '@/ui/may'
import { Account } from './Account'
import { Bell } from './Bell'
import { Cluster } from './Cluster'
import { Help } from './Help'
import { openPalette, Palette } from './Palette'
import { pages } from './pages'
import classes from './Shell.module.css'
import { listen, useShortcuts } from '@/ui/shortcuts'
import { Weather } from './Weather'

// Where it is while the address is the one that was opened: later ones may be deeper, and the page's base is relative.
const icon = new URL('icon.svg', document.baseURI).href

/** The frame of every page: menu, search, cluster state and shortcuts. */
export function Shell() {
  const [menu, { toggle, close }] = useDisclosure()
  const [help, { open: openHelp, close: closeHelp }] = useDisclosure()
  const where = useRouterState({ select: s => s.location.pathname })
  const navigate = useNavigate()
  const may = useMay()
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false })
  const other = scheme === 'dark' ? 'light' : 'dark'

  useEffect(close, [where, close])
  useEffect(() => listen(), [])
  useShortcuts([
    { keys: '/', what: 'Search', action: focusSearch },
    { keys: '?', what: 'Shortcuts', action: openHelp },
    ...(may('write') ? [{ keys: 'c', what: 'New job', action: () => void navigate({ to: '/new' }) }] : []),
    { keys: 'd', what: 'Dark or light theme', action: () => setColorScheme(other) },
    ...pages.map(p => ({ keys: `g ${p.key}`, what: p.label, action: () => void navigate({ to: p.to }) })),
  ])

  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !menu } }}
      padding="md"
    >
      <a href="#content" className={classes.skip} onClick={skip}>
        Skip to content
      </a>
      <AppShell.Header className={classes.header}>
        <Burger opened={menu} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
        <PlainLink to="/" className={classes.logo} aria-label="dkron">
          <img src={icon} alt="" width={26} height={26} />
          <span>dkron</span>
        </PlainLink>
        <UnstyledButton className={classes.search} onClick={openPalette}>
          <Icon name="search" size={16} />
          <span>Find a job or a page</span>
          <kbd>Ctrl K</kbd>
        </UnstyledButton>
        <div className={classes.tools}>
          <May verb="write">
            <LinkButton to="/new" leftSection={<Icon name="plus" size={16} />} className={classes.create}>
              New job
            </LinkButton>
          </May>
          <Bell />
          <Tool label={`Switch to ${other}`} onClick={() => setColorScheme(other)}>
            <Icon name={other === 'dark' ? 'moon' : 'sun'} />
          </Tool>
          <Tool label="Shortcuts" onClick={openHelp}>
            <Icon name="help" />
          </Tool>
          <Account />
        </div>
      </AppShell.Header>
      <AppShell.Navbar className={classes.menu} component="nav" aria-label="Pages">
        {pages.map(p => (
          <PlainLink
            key={p.to}
            to={p.to}
            className={classes.item}
            activeOptions={{ exact: p.to === '/', includeSearch: false }}
            activeProps={{ 'data-active': true, 'aria-current': 'page' }}
          >
            <Icon name={p.icon} />
            {p.label}
          </PlainLink>
        ))}
        <Cluster />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <Weather />
        <Outlet />
      </AppShell.Main>
      <Palette />
      <Help opened={help} onClose={closeHelp} />
    </AppShell>
  )
}

function Tool({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <Tooltip label={label}>
      <ActionIcon size="lg" aria-label={label} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  )
}

/** Focuses the page’s own search field, or opens the palette if it has none. */
function focusSearch() {
  const field = document.querySelector<HTMLInputElement>('input[data-search]')
  if (field) field.select()
  else openPalette()
}

// Not by the link’s address: <base> would make it leave this page.
function skip(event: React.MouseEvent) {
  event.preventDefault()
  document.getElementById('content')?.focus()
}
