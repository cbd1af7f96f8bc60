import { Injectable } from '@nestjs/common';
import { HttpService } from '@nestjs/axios';
import { HcpVaultClient, rejectsOf } from 'nestjs-hcp-vault';

@Injectable()
export class Payments {
  constructor(
    private readonly http: HttpService,
    private readonly secrets: HcpVaultClient,
  ) {}

  async charge(url: string): Promise<number> {
    const work = (key: string) => this.http.axiosRef.post(url, { amount: 5 }, { headers: { 'x-api-key': key } });
    return (await this.secrets.withSecret('API_KEY', work, { rejects: rejectsOf.http })).status;
  }
}
