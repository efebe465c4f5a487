export const planted = process.env['HOME']
