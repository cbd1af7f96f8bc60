import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { HcpVaultClient, InjectSecretRef, type SecretRef } from 'nestjs-hcp-vault';

@Injectable()
export class Webhooks {
  constructor(
    @InjectSecretRef('WEBHOOK_KEY', { overlap: '10m' }) private readonly key: SecretRef<string>,
    private readonly secrets: HcpVaultClient,
  ) {}

  /** @param signature the HMAC-SHA256 that came with the body. */
  isGenuine(body: string, signature: Buffer): boolean {
    const genuine = this.key.accepted.some((key) => {
      const expected = createHmac('sha256', key).update(body).digest();
      return expected.length === signature.length && timingSafeEqual(expected, signature);
    });
    // The sender may have a key that has not come in yet: look, and let it deliver again.
    if (!genuine) void this.secrets.reportRejected('WEBHOOK_KEY');
    return genuine;
  }
}
