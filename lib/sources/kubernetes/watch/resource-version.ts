const NUMBER = /^[1-9]\d*$/;

/**
 * True where one state of a Secret came surely before another. Versions are numbers of the cluster's storage (comparable by contract from Kubernetes 1.35
 * on); of what is none nothing is known.
 */
export function isOlder(version: string, than: string): boolean {
  if (!NUMBER.test(version) || !NUMBER.test(than)) return false;
  return version.length === than.length ? version < than : version.length < than.length;
}
