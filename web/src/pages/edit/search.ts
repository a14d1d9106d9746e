export const newSearch = (_search: Record<string, unknown>) => ({})
