/** The class of an instance; also of one behind a Proxy that answers for `constructor` itself, as around every function of an instance. */
export function classOf(instance: object): { readonly name: string } & object {
  for (
    let at = Object.getPrototypeOf(instance) as object | null;
    at !== null;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    if (Object.hasOwn(at, 'constructor')) return at.constructor;
  }
  return Object;
}
