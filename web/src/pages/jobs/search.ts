export const jobsSearch = (_search: Record<string, unknown>) => ({})
