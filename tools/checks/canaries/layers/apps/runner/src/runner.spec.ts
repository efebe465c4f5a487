export const onlyForTests = 1
