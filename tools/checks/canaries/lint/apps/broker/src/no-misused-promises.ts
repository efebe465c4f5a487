const later = async (): Promise<boolean> => true
export const planted = (): number => (later() ? 1 : 0)
