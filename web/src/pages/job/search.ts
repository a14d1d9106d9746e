export const jobSearch = (_search: Record<string, unknown>) => ({})
