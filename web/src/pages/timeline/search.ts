export const timelineSearch = (_search: Record<string, unknown>) => ({})
