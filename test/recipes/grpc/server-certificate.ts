import { experimental } from '@grpc/grpc-js';

type Tell = experimental.IdentityCertificateUpdateListener;

export class ServerCertificate implements experimental.CertificateProvider {
  private readonly told = new Set<Tell>();
  private newest: Parameters<Tell>[0] = null;
  readonly credentials = experimental.createCertificateProviderServerCredentials(this, null, false);

  set(newest: experimental.IdentityCertificateUpdate): void {
    this.newest = newest;
    this.told.forEach((tell) => tell(newest));
  }
  addIdentityCertificateListener = (tell: Tell) => this.told.add(tell) && process.nextTick(() => tell(this.newest));
  removeIdentityCertificateListener = (tell: Tell) => this.told.delete(tell);
  addCaCertificateListener = () => undefined;
  removeCaCertificateListener = () => undefined;
}
