export const planted = console.log(1)
