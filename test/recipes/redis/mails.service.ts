import { Injectable } from '@nestjs/common';
import { Queue, type Job } from 'bullmq';
import { HcpVaultClient, rejectsOf } from 'nestjs-hcp-vault';

@Injectable()
export class Mails {
  constructor(
    private readonly queue: Queue,
    private readonly secrets: HcpVaultClient,
  ) {}

  send(to: string, jobId: string): Promise<Job> {
    return this.secrets.withSecret('REDIS', () => this.queue.add('mail', { to }, { jobId }), {
      rejects: rejectsOf.redis,
    });
  }
}
