/** Class names in one string. */
export const clsx = (...names: (string | false | undefined)[]) => names.filter(Boolean).join(' ')
