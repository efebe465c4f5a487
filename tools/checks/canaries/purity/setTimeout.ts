export const planted = setTimeout(() => 1, 1)
