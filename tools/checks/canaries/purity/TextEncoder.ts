export const planted = new TextEncoder()
