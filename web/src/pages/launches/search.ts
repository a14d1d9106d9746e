export const launchesSearch = (_search: Record<string, unknown>) => ({})
