export const planted = localStorage.length
