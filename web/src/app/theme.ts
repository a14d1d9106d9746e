import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

const indigo: MantineColorsTuple = [
  '#eef0ff',
  '#dce0ff',
  '#b9c0ff',
  '#949fff',
  '#7380f7',
  '#5c69ea',
  '#4250d8',
  '#3743bd',
  '#2c3698',
  '#232b78',
]

// Dark enough for white text to be readable on it.
const red: MantineColorsTuple = [
  '#fdeaeb',
  '#f8d0d3',
  '#f0a6ab',
  '#e77b82',
  '#de5a63',
  '#d43f49',
  '#c02b35',
  '#a6232d',
  '#8a1c25',
  '#6c161d',
]

// Its text is readable on its own light background.
const yellow: MantineColorsTuple = [
  '#fdf1d9',
  '#fae3b4',
  '#f5d084',
  '#f0c263',
  '#e6ae3c',
  '#c99332',
  '#a97616',
  '#94650a',
  '#8a5a00',
  '#7a4f00',
]

// The greys of the dark theme, as in theme.css.
const dark: MantineColorsTuple = [
  '#e3e7ef',
  '#b6bfce',
  '#98a2b3',
  '#6b7585',
  '#39414f',
  '#262c37',
  '#1d222c',
  '#161a22',
  '#0e1117',
  '#090b0f',
]

/** Mantine's theme; colours with a meaning are in theme.css. */
export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: 6,
  colors: { dark, indigo, red, yellow },
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  fontFamilyMonospace: 'var(--mono)',
  headings: { fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'sm' } },
    Anchor: { defaultProps: { inherit: true } },
    Badge: { defaultProps: { radius: 'sm', tt: 'none', fw: 600 } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    Tooltip: { defaultProps: { withArrow: true, events: { hover: true, focus: true, touch: true } } },
    Fieldset: { styles: { legend: { padding: 0, fontWeight: 600 } } }, // as the labels of other fields
    Modal: {
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.45 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
    },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Table: { defaultProps: { verticalSpacing: 'xs', highlightOnHover: true, highlightOnHoverColor: 'var(--hover)' } },
  },
})

const ours = {
  '--mantine-color-body': 'var(--page)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--text-soft)',
  '--mantine-color-placeholder': 'var(--text-soft)',
  '--mantine-color-default': 'var(--panel)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-anchor': 'var(--accent)',
  '--input-bd': 'var(--line-strong)',
  '--mantine-color-error': 'var(--bad)',
  '--table-border-color': 'var(--line)',
}

// Mantine's own light button of the dark theme is as dark as the panel below it, so it looks like text.
const light = {
  '--mantine-color-indigo-light': 'var(--accent-soft)',
  '--mantine-color-indigo-light-hover': 'var(--accent-hover)',
  '--mantine-color-indigo-light-color': 'var(--accent)',
}

/** Maps Mantine's variables to the colours of theme.css. */
export const variables: CSSVariablesResolver = () => ({ variables: {}, light: ours, dark: { ...ours, ...light } })
