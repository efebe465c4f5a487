export const planted: any = 1
