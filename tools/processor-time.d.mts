export function processorTimeMs(): number | null
