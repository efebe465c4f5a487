export const planted = Buffer.alloc(1)
