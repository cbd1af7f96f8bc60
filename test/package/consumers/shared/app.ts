import 'reflect-metadata';
import { Controller, Get, Inject, Injectable, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import {
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
  memorySource,
  registerSecrets,
} from 'nestjs-hcp-vault';
import type { MemorySource, SecretRef, SecretsView } from 'nestjs-hcp-vault';

export const source: MemorySource = memorySource({ KEY: 'key-1', DB: { values: { user: 'user-1' } } });
export const secretsConfig = registerSecrets('loaded');

@Injectable()
export class Places {
  @InjectSecret('KEY') readonly property!: string;
  @InjectSecretField('DB', 'values.user') readonly field!: string;

  constructor(
    @InjectSecret('KEY') readonly parameter: string,
    @InjectSecretRef('KEY') readonly ref: SecretRef<string>,
    @Inject(secretsConfig.KEY) readonly loaded: SecretsView,
    private readonly config: ConfigService,
    private readonly client: HcpVaultClient,
  ) {}

  seen(): Record<string, unknown> {
    const { parameter, property, field, ref, loaded, config, client } = this;
    return {
      parameter,
      property,
      field,
      ref: ref.value,
      config: config.get('secrets.KEY'),
      configField: config.get('secrets.DB.values.user'),
      loaded: loaded['KEY'],
      client: client.get<string>('KEY'),
    };
  }
}

@Controller()
export class PlacesController {
  constructor(private readonly places: Places) {}

  @Get() read(): Record<string, unknown> {
    return this.places.seen();
  }
}

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [secretsConfig] }),
    HcpVaultModule.forRoot({ source, config: { namespace: 'secrets' } }),
  ],
  controllers: [PlacesController],
  providers: [Places],
})
export class AppModule {}
