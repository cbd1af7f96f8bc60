/** The same without a prototype: what somebody has put on `Object.prototype` is not read from it. */
export const ownOnly = <T extends object>(given: T): T => Object.assign(Object.create(null) as T, given);
